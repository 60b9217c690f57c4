// Without a network, from a sub-path, from a plain static host; and a newer version that comes whole, when its reader wants it.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { withBrowser } from './browser.mjs';
import { apply, speed, typeUntil } from './hands.mjs';

const dist = new URL('../../dist/', import.meta.url);
const KINDS = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css', wasm: 'application/wasm', svg: 'image/svg+xml', md: 'text/plain; charset=utf-8' };
const PATH = '/some/where/';

/// A host that knows nothing of us, whose files may be changed by `change(name, bytes)`.
async function withHost(act) {
  const host = { change: (name, bytes) => bytes };
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, 'http://host').pathname;
    const name = path.slice(PATH.length) || 'index.html';
    try {
      assert(path.startsWith(PATH));
      const body = host.change(name, await readFile(new URL(name, dist)));
      response.writeHead(200, { 'Content-Type': KINDS[name.split('.').pop()] ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise(listening => server.listen(0, '127.0.0.1', listening));
  host.address = `http://127.0.0.1:${server.address().port}${PATH}`;
  host.stop = () => { server.closeAllConnections(); server.close(); };
  try { await act(host); } finally { host.stop(); }
}

const opened = page => page.locator('.app:not([aria-busy="true"])').waitFor();
const kept = page => page.evaluate(async () => { await navigator.serviceWorker.ready; });

test('after the first visit there need be no network', () => withHost(host => withBrowser(async (page, wrong) => {
  await page.goto(`${host.address}?intro=no&lang=en`);
  await opened(page);
  await kept(page);
  host.stop();
  await page.reload();
  await opened(page);
  await speed(page, '10×');
  await apply(page);
  await typeUntil(page, 'kubectl get deployment web', /web\s+3\/3/);
  await page.getByRole('textbox', { name: 'Manifest, YAML or JSON' }).click();
  await page.locator('.host .cm-content').waitFor();
  await page.getByRole('button', { name: 'Lessons', exact: true }).click();
  await page.getByRole('button', { name: /Your first Pod/ }).click();
  await page.locator('.goals').waitFor();
  assert.deepEqual(wrong, []);
})));

test('a newer version waits for its reader, and comes whole', () => withHost(host => withBrowser(async (page, wrong) => {
  await page.goto(`${host.address}?intro=no&lang=en`);
  await opened(page);
  await kept(page);
  const old = await page.title();
  host.change = (name, bytes) => {
    if (name === 'index.html') return bytes.toString().replace(/<title>.*<\/title>/, '<title>Newer</title>');
    return name === 'sw.js' ? bytes.toString().replace(/VERSION = '\w+'/, "VERSION = 'newer'") : bytes;
  };
  await page.reload();
  // Chromium looks for a newer worker when nothing else wants its attention: a picture that moves always does.
  await opened(page);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await page.getByText('A newer Kubarium is here').waitFor();
  assert.equal(await page.title(), old);
  await page.getByRole('button', { name: 'Load it' }).click();
  await page.waitForFunction(() => document.title === 'Newer');
  await opened(page);
  assert.deepEqual(wrong, []);
})));

test('half of a newer version is none', () => withHost(host => withBrowser(async page => {
  await page.goto(`${host.address}?intro=no&lang=en`);
  await opened(page);
  await kept(page);
  const old = await page.title();
  host.change = (name, bytes) => {
    if (name === 'index.html') return bytes.toString().replace(/<title>.*<\/title>/, '<title>Newer</title>').replace(/assets\/app-\w+\.js/, 'assets/app-0123456789abcdef.js');
    return name === 'sw.js' ? bytes.toString().replace(/VERSION = '\w+'/, "VERSION = 'newer'") : bytes;
  };
  const ended = await page.evaluate(() => navigator.serviceWorker.getRegistration().then(async registration => {
    await registration.update();
    const { installing } = registration;
    while (!['installed', 'redundant'].includes(installing.state)) await new Promise(then => installing.addEventListener('statechange', then, { once: true }));
    return installing.state;
  }));
  assert.equal(ended, 'redundant');
  await page.reload();
  await opened(page);
  assert.equal(await page.title(), old);
})));
