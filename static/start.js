// Runs before the first paint: theme and language as they were left, then the program itself.
// It also outlives the program: should that stop, `broke` tells of it with what is still there.
'use strict';
{
  const kept = key => { try { return localStorage.getItem('kubarium.' + key); } catch { return null; } };
  const asked = new URLSearchParams(location.search);
  const root = document.documentElement;
  const theme = asked.get('theme') ?? kept('theme');
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
  const lang = asked.get('lang') ?? kept('lang') ?? navigator.language.slice(0, 2);
  root.lang = lang === 'ko' ? 'ko' : 'en';

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
    const w = words[root.lang] ?? words.en;
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
      button(w.on, 'btn go', () => location.reload()).autofocus = true;
      button(w.over, 'btn', () => { try { sessionStorage.removeItem('kubarium.journal'); } catch { /* none kept */ } location.reload(); });
    }
    button(w.copy, 'btn quiet', () => navigator.clipboard?.writeText(report));
    card.append(row);
    box.append(card);
    document.body.append(box);
    row.querySelector('button').focus();
  };

  globalThis.kubarium = {
    editor: () => import(new URL('editor.js', document.baseURI).href),
    broke: report => tell(report, true),
  };
  const parsed = document.readyState === 'loading' ? new Promise(go => addEventListener('DOMContentLoaded', go)) : null;
  import(new URL('kubarium.js', document.baseURI).href)
    .then(async program => { await parsed; await program.default(); })
    .catch(error => tell(String(error?.stack ?? error), false));
}
