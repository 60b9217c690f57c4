// Keeps the page for when there is no network. Every version is kept whole, under its own name: what a tab gets is of one version, and a
// newer one takes over only when all tabs are closed or its reader says so (src/offline.js).
'use strict';
const VERSION = '{{VERSION}}';
const FILES = ['{{FILES}}'];
const { scope } = self.registration;
const mine = `kubarium ${scope} `;
/// What is not part of the page and was asked for all the same: somebody's own lessons, figures of an article beside it.
const others = `kubarium-others ${scope}`;

self.addEventListener('install', event => event.waitUntil((async () => {
  const cache = await caches.open(mine + VERSION);
  // Files in assets/ never change under their names; of the others the newest is wanted.
  await cache.addAll(FILES.map(file => new Request(scope + file, { cache: file.startsWith('assets/') ? 'default' : 'no-cache' })));
  // A host may show one file of the new page beside another of the old one for a while: then this version is not whole yet.
  const index = await (await cache.match(`${scope}index.html`)).text();
  const strange = [...index.matchAll(/assets\/[\w.-]+/g)].find(([name]) => !FILES.includes(name));
  if (strange) throw new Error(`index.html names ${strange}, which is of another version`);
})()));

self.addEventListener('activate', event => event.waitUntil((async () => {
  // The version before stays, for tabs that still show it.
  const versions = (await caches.keys()).filter(name => name.startsWith(mine) && name !== mine + VERSION);
  await Promise.all(versions.slice(0, -1).map(name => caches.delete(name)));
  await self.clients.claim();
})()));

self.addEventListener('message', event => { if (event.data === 'take over') self.skipWaiting(); });

self.addEventListener('fetch', event => {
  const { request } = event;
  const address = request.url.split(/[?#]/)[0];
  if (request.method !== 'GET' || !address.startsWith(scope)) return;
  const path = address.slice(scope.length) || 'index.html';
  if (FILES.includes(path)) event.respondWith(kept(scope + path, request));
  else if (path.startsWith('assets/')) event.respondWith(caches.match(address).then(found => found ?? fetch(request)));
  else event.respondWith(newest(request, address));
});

async function kept(address, request) {
  const cache = await caches.open(mine + VERSION);
  return await cache.match(address) ?? fetch(request);
}

async function newest(request, address) {
  const cache = await caches.open(others);
  try {
    const answer = await fetch(request);
    if (answer.ok && answer.type === 'basic') await cache.put(address, answer.clone());
    return answer;
  } catch (problem) {
    const found = await cache.match(address);
    if (found) return found;
    throw problem;
  }
}
