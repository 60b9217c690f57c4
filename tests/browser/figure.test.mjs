// A figure in somebody else's page: sandboxed, lazy, obedient to that page alone.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { address, withBrowser } from './browser.mjs';

const LINK = readFileSync(new URL('../links/0.1.0/shop.link', import.meta.url), 'utf8').trim();
const POLICY = `default-src 'none'; script-src ${address}; frame-src ${address}; img-src data:; style-src 'none'`;
const ARTICLE = `<!doctype html><html lang="en"><title>An article</title><p>Above</p>
<script src="${address}figure.js" defer></script>
<div id="far"></div>
<kubarium-figure link="${LINK}" height="400" lens="cluster" focus="Node//node-2"><img alt="A still picture" src="data:,"></kubarium-figure>`;

/// An article on another origin, with a strict policy.
const withArticle = act => withBrowser(async (page, wrong) => {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': POLICY });
    response.end(ARTICLE);
  });
  await new Promise(ready => server.listen(0, '127.0.0.1', ready));
  try {
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await act(page);
    assert.deepEqual(wrong, []);
  } finally {
    server.close();
  }
});

test('a figure shows its moment in a sandbox, plays, seeks, and tells of it', () => withArticle(async page => {
  const figure = page.locator('kubarium-figure');
  assert.equal((await figure.boundingBox()).height, 400);
  await page.evaluate(() => {
    globalThis.times = [];
    document.querySelector('kubarium-figure').addEventListener('kubarium-time', event => times.push(event.detail));
  });
  const frame = figure.locator('iframe');
  assert.equal(await frame.getAttribute('sandbox'), 'allow-scripts');
  const inside = frame.contentFrame();
  await inside.locator('.app:not([aria-busy="true"]) .clock', { hasText: '0:33' }).waitFor();
  assert.equal(await inside.locator('.left').isVisible(), false);
  await page.evaluate(() => document.querySelector('kubarium-figure').seek(60_000));
  await page.waitForFunction(() => times.at(-1)?.time === 60_000 && !times.at(-1).playing);
  await page.evaluate(() => document.querySelector('kubarium-figure').play());
  await page.waitForFunction(() => times.at(-1).time > 60_500 && times.at(-1).playing);
  await page.evaluate(() => document.querySelector('kubarium-figure').pause());
  await page.waitForFunction(() => !times.at(-1).playing);
}));

test('a figure hears its parent and no one else', () => withArticle(async page => {
  const inside = page.locator('kubarium-figure iframe').contentFrame();
  const clock = inside.locator('.app:not([aria-busy="true"]) .clock');
  await clock.filter({ hasText: '0:33' }).waitFor();
  // From itself, as a script within would send it.
  await inside.locator('body').evaluate(() => postMessage({ kubarium: 1, do: 'seek', time: 60_000 }, '*'));
  await page.evaluate(() => document.querySelector('kubarium-figure').seek(5_000));
  await clock.filter({ hasText: '0:05' }).waitFor();
}));

test('a figure can be used before all of the program has come', () => withBrowser(async (page, wrong) => {
  let release;
  const held = new Promise(resolve => { release = resolve; });
  await page.context().route(/\/rest-/, route => held.then(() => route.continue()));
  await page.goto(`${address}post/en.html`);
  await page.evaluate(() => new Promise(ready => document.addEventListener('kubarium-ready', ready, { once: true })));
  release();
  await page.locator('kubarium-figure iframe').first().contentFrame().locator('.app:not([aria-busy="true"])').waitFor();
  assert.deepEqual(wrong, []);
}));
