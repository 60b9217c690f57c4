// Loads the program, and outlives it: should it stop, `broke` tells of it with what is still there.
import start from 'kubarium';

const words = {
  en: {
    title: 'The simulation has stopped',
    text: 'Kubarium broke one of its own rules; this is a fault of ours, not of your manifest. Your text and everything you did are kept.',
    load: 'Kubarium could not be loaded.',
    on: 'Go on from the last good moment', over: 'Start over, keep the text', copy: 'Copy the report',
  },
  ko: {
    title: '시뮬레이션이 멈췄습니다',
    text: 'Kubarium이 스스로의 규칙을 어겼습니다. 매니페스트가 아니라 프로그램의 잘못입니다. 작성한 텍스트와 지금까지 한 일은 모두 남아 있습니다.',
    load: 'Kubarium을 불러오지 못했습니다.',
    on: '마지막으로 정상이던 순간부터 계속', over: '텍스트만 두고 처음부터', copy: '보고서 복사',
  },
};
const make = (tag, cls, text) => Object.assign(document.createElement(tag), { className: cls, textContent: text });
let told = false;
const tell = (report, broken) => {
  if (told) return;
  told = true;
  kept.length = 0;
  letGo();
  const w = words[document.documentElement.lang] ?? words.en;
  const box = make('div', 'broke', '');
  box.setAttribute('role', 'alertdialog');
  box.setAttribute('aria-label', broken ? w.title : w.load);
  const card = make('div', 'broke-card', '');
  card.append(make('h2', '', broken ? w.title : w.load));
  if (broken) card.append(make('p', '', w.text));
  card.append(make('pre', 'm', report));
  const row = make('div', 'row', '');
  const button = (label, cls, act) => { const b = make('button', cls, label); b.type = 'button'; b.onclick = act; row.append(b); return b; };
  if (broken) {
    button(w.on, 'btn go', () => { try { sessionStorage.setItem('kubarium.broke', '1'); } catch { /* then it plays on */ } location.reload(); });
    button(w.over, 'btn', () => { try { sessionStorage.removeItem('kubarium.journal'); } catch { /* none kept */ } location.reload(); });
  }
  button(w.copy, 'btn quiet', () => navigator.clipboard?.writeText(report));
  card.append(row);
  box.append(card);
  document.body.append(box);
  row.querySelector('button').focus();
};

// The later parts of the program, when they are files of their own (LATER_FILES): behind the first picture. Until they are there, what a
// reader does is kept, and done then: nothing of it may hold up the page. A figure in another page is for looking at, so it waits only for
// the first of them, with which a cluster runs.
const later = LATER_FILES.map(file => new URL(file, import.meta.url).href);
const figure = 'embed' in document.documentElement.dataset;
let there = 0;
const KEPT = ['click', 'dblclick', 'change', 'input', 'keydown', 'focus', 'pointerdown', 'pointerup', 'pointercancel', 'hashchange', 'message'];
const PASSING = ['pointermove', 'pointerleave', 'wheel', 'blur', 'dragover', 'dragleave', 'drop'];
const kept = [];
const keep = event => {
  event.stopImmediatePropagation();
  if (KEPT.includes(event.type)) kept.push([event.target, event, event.target.value]);
  // The browser would show a dropped file in place of this page.
  else if (event.type.startsWith('dr')) event.preventDefault();
};
const letGo = () => {
  for (const type of [...KEPT, ...PASSING]) removeEventListener(type, keep, true);
  const { activeElement: field } = document;
  const { selectionStart: from, selectionEnd: to } = field ?? {};
  for (const [target, event, value] of kept.splice(0)) {
    // The program, which knew nothing of it, may have put back what was there before.
    if (value !== undefined && target.value !== value) target.value = value;
    target.dispatchEvent(new event.constructor(event.type, event));
  }
  if (from != null) field.setSelectionRange(from, to);
};
// What the parts that are there have. A part is put in place once only, whoever asks for it first.
let earlier;
const putInPlace = (number, compiled) => {
  if (there > number) return;
  const { exports } = new WebAssembly.Instance(compiled, { earlier, page: { load: () => loadNow(number + 1) } });
  earlier = { ...earlier, ...exports };
  there = number + 1;
};
const compile = file => WebAssembly.compileStreaming(fetch(file))
  .catch(() => fetch(file).then(answer => answer.arrayBuffer()).then(bytes => WebAssembly.compile(bytes)));
const coming = [];
const fetchParts = async (from, to) => {
  try {
    const modules = await Promise.all(later.slice(from, to).map((file, number) => coming[from + number] ??= compile(file)));
    modules.forEach((compiled, number) => putInPlace(from + number, compiled));
  } catch (error) {
    tell(String(error?.stack ?? error), false);
    throw error;
  }
};
// At once, should a function of it be called before.
const loadNow = number => {
  if (there > number) return;
  const request = new XMLHttpRequest();
  request.open('GET', later[number], false);
  // Only as text may a page wait for an answer; this charset keeps every byte.
  request.overrideMimeType('text/plain; charset=x-user-defined');
  request.send();
  const bytes = Uint8Array.from(request.responseText, c => c.charCodeAt(0) & 0xff);
  putInPlace(number, new WebAssembly.Module(bytes));
  globalThis.kubarium.waited.push(number);
};

// Kept for when there is no network; not as a figure in another page, which has no storage.
const keepForLater = () => {
  if (origin !== 'null' && navigator.serviceWorker && !figure) import(new URL(OFFLINE_FILE, import.meta.url).href).catch(() => {});
};

const text = async address => {
  const answer = await fetch(address);
  return answer.ok ? answer.text() : Promise.reject(answer);
};

globalThis.kubarium = {
  editor: () => import(new URL(EDITOR_FILE, import.meta.url).href),
  broke: report => tell(report, true),
  fetchText: address => text(new URL(address, document.baseURI)),
  descriptions: () => text(new URL(DESCRIPTIONS_FILE, import.meta.url)),
  dressLater: () => document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: new URL(LATER_STYLE, import.meta.url) })),
  fetchRest: async first => {
    earlier ??= first;
    await fetchParts(0, figure ? 1 : later.length);
    // After those who have waited for this.
    setTimeout(letGo);
    if (figure) fetchParts(1).catch(() => {});
    else keepForLater();
  },
  loadRest: first => { earlier ??= first; loadNow(0); },
  /// The parts for which the page stood still.
  waited: [],
};
if (later.length) for (const type of [...KEPT, ...PASSING]) addEventListener(type, keep, { capture: true, passive: false });
// What is behind the first part comes while that one draws: the line has nothing else to carry.
compile(new URL(WASM_FILE, import.meta.url))
  .then(first => {
    for (const file of later.slice(0, figure ? 1 : later.length)) coming.push(compile(file));
    // Of what fails `fetchParts` tells.
    coming.forEach(part => part.catch(() => {}));
    return start({ module_or_path: first });
  })
  .catch(error => tell(String(error?.stack ?? error), false));
