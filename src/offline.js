// Has the page kept for when there is no network (static/sw.js), and tells when a newer one has been kept.
const words = {
  en: { text: 'A newer Kubarium is here. Everything you did is kept.', load: 'Load it', later: 'Later' },
  ko: { text: '새 버전의 Kubarium이 준비되었습니다. 지금까지 한 일은 모두 남아 있습니다.', load: '불러오기', later: '나중에' },
};
const worker = new URL('../sw.js', import.meta.url).href;
// The page's policy lets nobody make a script's address of a text; this one always makes the same.
const policy = globalThis.trustedTypes?.createPolicy('kubarium-worker', { createScriptURL: () => worker });
const { serviceWorker } = navigator;

const tell = waiting => {
  const w = words[document.documentElement.lang] ?? words.en;
  const make = (tag, cls, text) => Object.assign(document.createElement(tag), { className: cls, textContent: text });
  const box = make('div', 'toasts', '');
  const toast = make('div', 'toast', '');
  toast.setAttribute('role', 'status');
  const button = (label, cls, act) => Object.assign(make('button', cls, label), { type: 'button', onclick: act });
  toast.append(
    make('div', '', w.text),
    button(w.later, 'btn quiet', () => box.remove()),
    button(w.load, 'btn go', () => {
      serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
      waiting.postMessage('take over');
    }),
  );
  box.append(toast);
  document.body.append(box);
};

const registration = await serviceWorker.register(policy?.createScriptURL('') ?? worker, { updateViaCache: 'none' });
const watch = found => found?.addEventListener('statechange', () => {
  // The first one of all is nobody's successor.
  if (found.state === 'installed' && serviceWorker.controller) tell(found);
});
if (registration.waiting && serviceWorker.controller) tell(registration.waiting);
watch(registration.installing);
registration.addEventListener('updatefound', () => watch(registration.installing));
