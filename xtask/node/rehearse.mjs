// Opens the page in a made-up document, uses it in some visits, and tells which functions of the program that took: what has to be there
// before the first picture, and what soon after. `node rehearse.mjs GLUE.mjs WATCHED.wasm VISIT` writes their numbers, one a line (see
// xtask/src/split.rs).
import { createRequire } from 'node:module';
import { readFileSync, readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [glue, program, visit] = process.argv.slice(2);
const { Window } = createRequire(`${process.env.KUBARIUM_NODE_MODULES}/`)('happy-dom');
const watched = await WebAssembly.compile(readFileSync(program));
const called = new Set();

// The picture is drawn on nothing: everything may be asked of it. Only texts have a width: whether they fit depends on the
// reader's fonts.
const nothing = new Proxy(function () {}, {
  get: (_, name) => (name === Symbol.toPrimitive ? () => 0 : nothing),
  set: () => true, apply: () => nothing, construct: () => nothing,
});
const drawing = letter => new Proxy(nothing, {
  get: (_, name) => (name === 'measureText' ? text => ({ width: letter * text.length }) : nothing),
  set: () => true,
});

const settle = () => new Promise(resolve => setImmediate(resolve));

// Time passes only from frame to frame, so that the same functions are called however fast the machine is.
const FRAME_MS = 16;
let now = 0;
Object.defineProperty(globalThis, 'performance', { value: { now: () => now } });

const open = async ({ width, height, letter, lang, dark, kept, address = '', around, use }) => {
  const window = new Window({ url: `http://localhost/${address}`, width, height });
  const { document } = window;
  document.documentElement.lang = lang;
  document.documentElement.setAttribute('data-theme', dark ? 'dark' : 'light');
  if (around) document.documentElement.setAttribute('data-embed', '');
  document.body.append(...new window.DOMParser().parseFromString(readFileSync('index.html', 'utf8'), 'text/html').body.childNodes);
  window.Element.prototype.getBoundingClientRect = () => ({ x: 0, y: 0, left: 0, top: 0, right: width, bottom: height, width, height });
  for (const kind of [window.Element, window.HTMLElement]) Object.defineProperties(kind.prototype, { clientWidth: { get: () => width }, clientHeight: { get: () => height } });
  Object.defineProperty(window, 'parent', { value: around ?? window });
  window.HTMLCanvasElement.prototype.getContext = () => drawing(letter);
  for (const storage of [window.localStorage, window.sessionStorage]) {
    for (const [name, value] of Object.entries(kept)) storage.setItem(`kubarium.${name}`, value);
  }
  for (const name of Object.getOwnPropertyNames(window)) {
    if (!(name in globalThis) || ['document', 'navigator', 'location'].includes(name)) {
      Object.defineProperty(globalThis, name, { value: window[name], configurable: true, writable: true });
    }
  }
  const frames = [];
  const isEverything = { [Symbol.hasInstance]: value => Object(value) === value };
  Object.assign(globalThis, {
    Window: isEverything, CanvasRenderingContext2D: isEverything, Path2D: function Path2D() { return nothing; },
    innerWidth: width, innerHeight: height, devicePixelRatio: 1,
    matchMedia: query => ({
      matches: query.includes('max-width') ? width <= Number(query.match(/\d+/)) : query.includes('dark') && dark,
      addEventListener() {},
    }),
    addEventListener: window.addEventListener.bind(window),
    requestAnimationFrame: frame => frames.push(frame),
    kubarium: {
      broke: report => { throw new Error(report); },
      // Unless the page is used, what is not the first part never comes, and nothing may need it.
      fetchRest: () => (use ? Promise.resolve() : new Promise(() => {})), loadRest: () => {},
      editor: () => (use ? new Promise(() => {}) : Promise.reject(new Error('what a reader does comes later'))), dressLater: () => {},
    },
  });
  const bound = await import(pathToFileURL(glue));
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = (module, imports) =>
    instantiate(module, { ...imports, watch: { called: number => called.add(number) } });
  await bound.default({ module_or_path: watched });
  WebAssembly.instantiate = instantiate;
  const live = async (count, each = FRAME_MS) => {
    for (let frame = 0; frame < count; frame += 1) {
      await settle();
      now += each;
      for (const draw of frames.splice(0)) draw(now);
    }
  };
  await live(20);
  await use?.({ window, live });
  await live(5, 1_000);
  window.dispatchEvent(new window.Event('resize'));
  await live(5);
  // What the program has given to the page it is told of when the page no longer has it: at any time.
  for (let time = 0; time < 3; time += 1) {
    globalThis.gc();
    await live(1);
  }
};

// What somebody does in the first minutes.
const read = async ({ window, live }) => {
  const { document } = window;
  const press = async name => {
    const button = [...document.querySelectorAll('button, [role=tab], [role=option]')].find(b => [b.textContent.trim(), b.title, b.ariaLabel].some(text => text?.startsWith(name)));
    if (!button) throw new Error(`there is no button ${name}`);
    button.click();
    await live(5);
  };
  const type = async line => {
    const field = document.querySelector('.term input, .term textarea');
    field.value = line;
    field.dispatchEvent(new window.Event('input', { bubbles: true }));
    field.dispatchEvent(new window.KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    await live(100);
  };
  await press('Apply');
  await live(1000);
  for (const line of ['kubectl get pods -o wide', 'kubectl describe deployment web', 'kubectl get events', 'kubectl delete pod --all --wait=false']) await type(line);
  for (const lens of ['Ownership', 'Network', 'List']) await press(lens);
  await press('Cluster');
  // From thing to thing in the picture, and all that is told of each.
  for (const key of Array(10).fill(['ArrowDown', 'ArrowRight', 'ArrowUp', 'ArrowRight']).flat()) {
    document.querySelector('#picture').dispatchEvent(new window.KeyboardEvent('keydown', { key, bubbles: true }));
    await live(2);
    for (const tab of document.querySelectorAll('.right [role=tab]')) {
      tab.click();
      await live(1);
    }
  }
  for (const panel of ['Requests', 'Events', 'Terminal']) await press(panel);
  await live(300);
};
// What the figures of our own article do.
const watch = async ({ window, live }) => {
  const say = data => {
    const event = new window.MessageEvent('message', { data: { kubarium: 1, ...data } });
    Object.defineProperty(event, 'source', { value: nothing });
    window.dispatchEvent(event);
  };
  say({ do: 'look', lens: 'cluster', focus: 'Node//node-1' });
  for (const scene of readdirSync('static/post').filter(name => name.endsWith('.txt'))) {
    const text = readFileSync(`static/post/${scene}`, 'utf8');
    const names = new Set(text.match(/[\w-]+\.yaml/g));
    say({ do: 'scene', text, files: [...names].map(name => [name, readFileSync(`static/post/${name}`, 'utf8')]) });
    say({ do: 'play' });
    await live(600, 100);
  }
  say({ do: 'seek', time: 5_000 });
  await live(20);
};

const someone = { width: 1440, height: 900, letter: 5, lang: 'en', dark: false, kept: {} };
const visits = {
  new: someone,
  wide: { ...someone, letter: 12 },
  // Someone who opens a link, as a figure in another page.
  guest: { ...someone, letter: 8, address: '#1.eJw', around: nothing },
  // Someone who opens one of the clusters that this browser keeps.
  mine: { width: 1920, height: 1080, letter: 6, lang: 'en', dark: false, kept: {}, address: '#mine/1' },
  // Someone who has been here before; the picture has what the bars of a phone leave.
  back: {
    width: 360, height: 580, letter: 6, lang: 'ko', dark: true,
    kept: {
      journal: '[]',
      files: JSON.stringify({ current: 0, files: [
        { name: 'a.yaml', text: '# a\na: [1, "b"]\n\t\r\\/\b\f\u0001 한글 \u2028 😀', sent: true }, { name: '"b".yaml', text: '' },
      ] }).replace('한', '\\ud55c').replace('😀', '\\ud83d\\ude00'),
      'single-keys': 'off',
      '--w-left': '300', '--w-right': '300', '--h-term': '200',
    },
  },
};
const uses = {
  reader: { ...someone, use: read },
  figure: { ...someone, around: nothing, use: watch },
};
await open({ ...visits, ...uses }[visit]);
// What the page still waits for would keep this from ending.
process.stdout.write([...called].join('\n'), () => process.exit(0));
