// What a reader of an article waits for: `node figures.mjs DIST`. A line a measure: name, milliseconds (the median of some visits), at most.
// The article and the page come from a host of this machine, compressed as hosts do it, all of it over one line of 10 Mbit/s. The figures'
// frames scroll past at the pace of the wheel; as in frames.mjs it is the threads' own time that counts.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { brotliCompressSync, constants } from 'node:zlib';

const { chromium } = createRequire(`${process.env.KUBARIUM_NODE_MODULES}/`)('playwright-core');
const dist = new URL(`file://${process.argv[2]}/`);
const BYTES_A_MS = 1250;
const CHUNK = 12_500;
const VISITS = 5;
const KINDS = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css', wasm: 'application/wasm', svg: 'image/svg+xml' };

const figure = (more = '') =>
  `<kubarium-figure scene="post/order.txt" height="420"${more}><img elementtiming="still" src="post/still/order.en.svg" alt="" width="720" height="376"></kubarium-figure>`;
const article = figures => `<!doctype html><html lang="en"><title>An article</title><script src="figure.js" defer></script>
<script>document.addEventListener('kubarium-ready', () => performance.mark('ready'), true)</script>
<p>Above</p><script>performance.mark('met')</script>${figures}`;
const ARTICLES = { 'one.html': article(figure()), 'ten.html': article(Array(10).fill(figure(' autoplay')).join('<p>Between</p>')) };

const packed = new Map();
async function content(name) {
  if (!packed.has(name)) {
    const plain = ARTICLES[name] ?? await readFile(new URL(name, dist));
    packed.set(name, brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
  }
  return packed.get(name);
}

// Every answer's chunks queue up for the one line.
let free = 0;
async function carry(response, bytes) {
  for (let at = 0; at < bytes.length; at += CHUNK) {
    const chunk = bytes.subarray(at, at + CHUNK);
    free = Math.max(free, performance.now()) + chunk.length / BYTES_A_MS;
    await new Promise(resolve => setTimeout(resolve, free - performance.now()));
    response.write(chunk);
  }
  response.end();
}

const server = createServer(async (request, response) => {
  const name = new URL(request.url, 'http://host').pathname.slice(1) || 'index.html';
  try {
    const bytes = await content(name);
    response.writeHead(200, {
      'content-type': KINDS[name.split('.').pop()] ?? 'application/octet-stream', 'content-encoding': 'br', 'access-control-allow-origin': '*',
    });
    await carry(response, bytes);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise(listening => server.listen(0, '127.0.0.1', listening));
const address = `http://127.0.0.1:${server.address().port}/`;
const browser = await chromium.launch({
  executablePath: process.env.KUBARIUM_CHROMIUM,
  args: ['--no-sandbox', '--disable-quic', '--disable-background-networking'],
});
const median = numbers => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const tell = (name, value, most) => console.log([name, value.toFixed(1), most].join('\t'));

/// A visitor who has never been here.
async function visit(path, act) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(300_000);
  await page.goto(address + path);
  const said = await act(page);
  await context.close();
  return said;
}

const single = async page => {
  await page.waitForFunction(() => performance.getEntriesByName('ready').length > 0);
  return page.evaluate(() => new Promise(resolve => {
    const since = performance.getEntriesByName('met')[0].startTime;
    const ready = performance.getEntriesByName('ready')[0].startTime - since;
    new PerformanceObserver(list => resolve({ still: list.getEntries()[0].renderTime - since, ready })).observe({ type: 'element', buffered: true });
  }));
};
const visits = [];
for (let n = 0; n < VISITS; n += 1) visits.push(await visit('one.html', single));
tell("a figure's still picture is seen, from when the article's text reaches it", median(visits.map(v => v.still)), 100);
tell("a figure's cluster can be used, from the same moment", median(visits.map(v => v.ready)), 1500);

const longest = await visit('ten.html', async page => {
  const frames = page.locator('kubarium-figure');
  for (let n = 0; n < 10; n += 1) {
    await frames.nth(n).scrollIntoViewIfNeeded();
    await frames.nth(n).locator('iframe').contentFrame().locator('.app:not([aria-busy="true"])').waitFor();
  }
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForTimeout(4000);
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
  await page.mouse.move(20, 20);
  for (let n = 0; n < 100; n += 1) {
    await page.mouse.wheel(0, n % 50 < 25 ? 160 : -160);
    await page.waitForTimeout(50);
  }
  const { traceEvents } = JSON.parse(await browser.stopTracing());
  const mains = new Set(traceEvents.filter(e => e.name === 'thread_name' && e.args.name === 'CrRendererMain').map(e => `${e.pid} ${e.tid}`));
  const took = traceEvents.filter(e => e.name === 'FireAnimationFrame' && e.tdur !== undefined && mains.has(`${e.pid} ${e.tid}`)).map(e => e.tdur / 1000);
  took.sort((a, b) => a - b);
  return took;
});
tell('ten figures at work on one page that is scrolled: a frame, 95 of 100 at most', longest[Math.floor(longest.length * 0.95)] ?? 0, 16);
tell('the longest of them', longest.at(-1) ?? 0, 16);
await browser.close();
server.close();
