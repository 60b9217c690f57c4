// Before the first paint: theme and language, as asked for in the address or as they were left.
'use strict';
{
  const kept = key => { try { return localStorage.getItem('kubarium.' + key); } catch { return null; } };
  const asked = new URLSearchParams(location.search);
  const root = document.documentElement;
  const theme = asked.get('theme') ?? kept('theme');
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
  const lang = asked.get('lang') ?? kept('lang') ?? navigator.language;
  // A figure in another page: only the picture, and time.
  if (asked.has('embed')) root.dataset.embed = asked.get('embed');
  // Nothing is shown to a first visitor.
  if (asked.get('intro') === 'no') root.dataset.intro = 'no';
  // For a room: the picture alone, and large.
  if (asked.has('big')) root.dataset.big = '';
  // Whoever has nothing of their own here yet reads the first sample while the program comes.
  if (!asked.has('embed') && !asked.has('big') && !location.hash && !kept('files')) root.dataset.fresh = '';
  root.lang = lang.startsWith('ko') ? 'ko' : 'en';
}
