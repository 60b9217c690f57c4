// Opens the page in a made-up document, and tells which functions of the program that took: what has to be there before
// the first picture. `node rehearse.mjs GLUE.mjs WATCHED.wasm` writes their numbers, one a line (see xtask/src/split.rs).
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [glue, program, visit] = process.argv.slice(2);
const { Window } = createRequire(`${process.env.KUBARIUM_NODE_MODULES}/`)('happy-dom');
const watched = await WebAssembly.compile(readFileSync(program));
const called = new Set();

// The picture is drawn on nothing: everything may be asked of it, and has the size of nothing.
const answers = {
  [Symbol.toPrimitive]: () => 0,
  width: 8,
  // Of a wide face: what has no room must be shortened, as it is for readers with other fonts.
  measureText: text => ({ width: 13 * text.length }),
};
const nothing = new Proxy(function () {}, {
  get: (_, name) => answers[name] ?? nothing,
  set: () => true, apply: () => nothing, construct: () => nothing,
});

const settle = () => new Promise(resolve => setImmediate(resolve));

const open = async ({ width, height, lang, dark, kept, address = '', around }) => {
  const window = new Window({ url: `http://localhost/${address}`, width, height });
  const { document } = window;
  document.documentElement.lang = lang;
  document.documentElement.setAttribute('data-theme', dark ? 'dark' : 'light');
  if (around) document.documentElement.setAttribute('data-embed', '');
  document.body.append(Object.assign(document.createElement('div'), { id: 'app' }));
  window.Element.prototype.getBoundingClientRect = () => ({ x: 0, y: 0, left: 0, top: 0, right: width, bottom: height, width, height });
  window.HTMLCanvasElement.prototype.getContext = () => nothing;
  for (const storage of [window.localStorage, window.sessionStorage]) {
    for (const [name, value] of Object.entries(kept)) storage.setItem(`kubarium.${name}`, value);
  }
  for (const name of Object.getOwnPropertyNames(window)) {
    if (!(name in globalThis) || ['document', 'navigator', 'location'].includes(name)) {
      Object.defineProperty(globalThis, name, { value: window[name], configurable: true, writable: true });
    }
  }
  const frames = [];
  let edit;
  const isEverything = { [Symbol.hasInstance]: value => Object(value) === value };
  Object.assign(globalThis, {
    Window: isEverything, CanvasRenderingContext2D: isEverything, Path2D: function Path2D() { return nothing; },
    parent: around ?? window,
    innerWidth: width, innerHeight: height, devicePixelRatio: 1,
    matchMedia: query => ({
      matches: query.includes('max-width') ? width <= Number(query.match(/\d+/)) : query.includes('dark') && dark,
      addEventListener() {},
    }),
    addEventListener: window.addEventListener.bind(window),
    requestAnimationFrame: frame => frames.push(frame),
    kubarium: {
      broke: report => { throw new Error(report); },
      // The rest never comes, and nothing may need it.
      fetchRest: () => new Promise(() => {}), loadRest: () => {}, editor: async () => ({ mount: (host, text, label, on) => { edit = on; return nothing; } }),
    },
  });
  const bound = await import(pathToFileURL(glue));
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = (module, imports) =>
    instantiate(module, { ...imports, watch: { called: number => called.add(number) } });
  await bound.default({ module_or_path: watched });
  WebAssembly.instantiate = instantiate;
  let now = 0;
  const live = async count => {
    for (let frame = 0; frame < count; frame += 1) {
      await settle();
      now += 16;
      for (const draw of frames.splice(0)) draw(now);
    }
  };
  await live(20);
  const send = (target, event) => target.dispatchEvent(event);
  const canvas = document.querySelector('canvas');
  for (let x = 20; x < width; x += 40) {
    for (let y = 20; y < height; y += 40) {
      send(canvas, new window.PointerEvent('pointermove', { clientX: x, clientY: y, bubbles: true }));
    }
    await live(1);
  }
  send(canvas, new window.PointerEvent('pointerleave', { bubbles: true }));
  send(canvas, new window.WheelEvent('wheel', { deltaY: 10, bubbles: true }));
  const text = document.querySelector('textarea');
  text.value += '\n';
  send(text, new window.InputEvent('input', { bubbles: true }));
  send(window, new window.Event('resize'));
  const applies = [...document.querySelectorAll('button')].find(button => /^(Apply|적용)/.test(button.textContent.trim()));
  send(applies, new window.MouseEvent('click', { bubbles: true }));
  send(window, new window.KeyboardEvent('keydown', { key: ' ', bubbles: true }));
  await live(20);
  send(text, new window.FocusEvent('focusin', { bubbles: true }));
  send(text, new window.FocusEvent('focus'));
  for (let patience = 100; !edit && patience > 0; patience -= 1) await live(1);
  for (const typed of ['a: [1\n', '# 한글\nkind: Pod\n']) {
    edit.change(typed);
    await new Promise(resolve => setTimeout(resolve, 300));
    await live(5);
  }
};

const visits = {
  new: { width: 1440, height: 900, lang: 'en', dark: false, kept: {} },
  // Someone who opens a link, as a figure in another page.
  guest: { width: 1440, height: 900, lang: 'en', dark: false, kept: {}, address: '#1.eJw', around: nothing },
  // Someone who has been here before.
  back: {
    width: 360, height: 740, lang: 'ko', dark: true,
    kept: {
      journal: '[[1,"write","a.yaml","a: 1\\n"],[1,"run","kubectl apply -f a.yaml"],[2,"interrupt",0],[2,"fault","power-off","node-1"]]',
      moment: '5000 6000',
      files: '{"current":0,"files":[{"name":"a.yaml","text":"# a\\na: [1, \\"b\\"]\\n","sent":true}]}',
      'single-keys': 'off',
      '--w-left': '300', '--w-right': '300', '--h-term': '200',
    },
  },
};
await open(visits[visit]);
// What the page still waits for would keep this from ending.
process.stdout.write([...called].join('\n'), () => process.exit(0));
