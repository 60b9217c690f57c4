// <kubarium-figure>: a live cluster within an article. docs/figure.md says what its attributes and messages mean.
'use strict';
{
  const home = new URL('./', document.currentScript.src);
  const words = { en: ['Play', 'Kubernetes cluster, simulated'], ko: ['재생', 'Kubernetes 클러스터 시뮬레이션'] };

  customElements.define('kubarium-figure', class extends HTMLElement {
    #frame;
    #ready = false;
    #plays = false;
    #waiting = [];
    #sight = new IntersectionObserver(([entry]) => this.#inView(entry.isIntersecting), { rootMargin: '100px' });
    #hear = event => {
      if (!this.#frame || event.source !== this.#frame.contentWindow || event.data?.kubarium !== 1) return;
      const { event: name, ...detail } = event.data;
      if (name === 'ready') this.#begin();
      if (name === 'time' && this.#inSight) this.#plays = detail.playing;
      this.dispatchEvent(new CustomEvent(`kubarium-${name}`, { detail, bubbles: true }));
    };
    #inSight = false;

    connectedCallback() {
      const height = `${Math.max(160, Number(this.getAttribute('height')) || 420)}px`;
      Object.assign(this.style, { display: 'block', position: 'relative', height, overflow: 'hidden' });
      addEventListener('message', this.#hear);
      this.#plays = this.hasAttribute('autoplay');
      const [play] = this.#words;
      // What stands within the element is its still picture; the shadow shows it until the cluster is there.
      if (!this.shadowRoot) {
        const button = Object.assign(document.createElement('button'), { type: 'button', textContent: `▶ ${play}` });
        button.onclick = () => { this.#plays = true; this.load(); };
        Object.assign(button.style, {
          position: 'absolute', inset: 'auto auto 16px 16px', padding: '8px 14px', font: '500 14px system-ui, sans-serif', cursor: 'pointer',
          color: '#fff', background: '#141a21', border: '1px solid #fff', borderRadius: '8px',
        });
        this.attachShadow({ mode: 'open' }).append(document.createElement('slot'), button);
      }
      this.#sight.observe(this);
    }

    disconnectedCallback() {
      removeEventListener('message', this.#hear);
      this.#sight.disconnect();
      this.#frame?.remove();
      this.#frame = undefined;
      this.#ready = false;
    }

    get #words() { return words[this.#lang] ?? words.en; }
    get #lang() { return (this.getAttribute('lang') ?? document.documentElement.lang).startsWith('ko') ? 'ko' : 'en'; }

    /// Loads the program, as coming into view does.
    load() {
      if (this.#frame) return;
      const page = new URL(home);
      page.searchParams.set('embed', this.getAttribute('controls') ?? '');
      page.searchParams.set('lang', this.#lang);
      const theme = this.getAttribute('theme');
      if (theme) page.searchParams.set('theme', theme);
      page.hash = (this.getAttribute('link') ?? '').split('#').pop();
      this.#frame = Object.assign(document.createElement('iframe'), { src: page.href, title: this.getAttribute('title') ?? this.#words[1] });
      this.#frame.setAttribute('sandbox', 'allow-scripts');
      Object.assign(this.#frame.style, { position: 'absolute', inset: '0', width: '100%', height: '100%', border: '0' });
      this.shadowRoot.append(this.#frame);
    }

    async #begin() {
      this.#ready = true;
      this.#send({ do: 'look', lens: this.getAttribute('lens'), focus: this.getAttribute('focus') });
      const scene = this.getAttribute('scene');
      if (scene) await this.#stage(new URL(scene, document.baseURI));
      const src = this.getAttribute('src');
      if (src) this.apply('figure.yaml', await (await fetch(new URL(src, document.baseURI))).text());
      this.#waiting.splice(0).forEach(message => this.#send(message));
      if (this.#plays && this.#inSight) this.play();
    }

    /// A scene's steps, and the files that its commands name beside it.
    async #stage(address) {
      const text = await (await fetch(address)).text();
      const names = new Set((text.match(/^\$ .*$/gm) ?? []).join(' ').match(/[\w./-]+\.(ya?ml|json)\b/g));
      const files = await Promise.all([...names].map(async name => [name, await (await fetch(new URL(name, address))).text()]));
      this.#send({ do: 'scene', text, files });
    }

    #inView(seen) {
      this.#inSight = seen;
      if (seen) this.#stillSeen().then(() => this.#inSight && this.load());
      if (this.#ready && this.#plays) this.#send({ do: seen ? 'play' : 'pause' });
    }

    /// What stands in for the cluster comes first: a browser that has a program to compile shows it late. Nobody waits for it longer than a second.
    async #stillSeen() {
      const decoded = Promise.all([...this.querySelectorAll('img')].map(still => still.decode().catch(() => {})));
      await Promise.race([decoded, new Promise(late => setTimeout(late, 1000))]);
      await new Promise(drawn => requestAnimationFrame(() => setTimeout(drawn)));
    }

    #send(message) {
      if (!this.#ready) this.#waiting.push(message);
      else this.#frame.contentWindow.postMessage({ kubarium: 1, ...message }, '*');
    }

    play() { this.#plays = true; this.#send({ do: 'play' }); }
    pause() { this.#plays = false; this.#send({ do: 'pause' }); }
    /// Milliseconds since the cluster's beginning.
    seek(time) { this.#send({ do: 'seek', time }); }
    /// As `kubectl apply -f name` with this text.
    apply(name, text) { this.#send({ do: 'apply', name, text }); }
  });
}
