// What a reader of an article waits for: `node figures.mjs DIST`. A line a measure: name, milliseconds (the median of some visits), at most.
// The article and the page come from a host of this machine, compressed as hosts do it, all of it over one line of 10 Mbit/s. The figures'
// frames scroll past at the pace of the wheel; as in frames.mjs it is the threads' own time that counts.
import { host, launch, median, tell } from './host.mjs';

const BYTES_A_MS = 1250;
const VISITS = 5;

const figure = (more = '') =>
  `<kubarium-figure scene="post/order.txt" height="420"${more}><img elementtiming="still" src="post/still/order.en.svg" alt="" width="720" height="376"></kubarium-figure>`;
const article = figures => `<!doctype html><html lang="en"><title>An article</title><script src="figure.js" defer></script>
<script>document.addEventListener('kubarium-ready', () => performance.mark('ready'), true)</script>
<p>Above</p><script>performance.mark('met')</script>${figures}`;
const ARTICLES = { 'one.html': article(figure()), 'ten.html': article(Array(10).fill(figure(' autoplay')).join('<p>Between</p>')) };

const { address, close } = await host(process.argv[2], BYTES_A_MS, ARTICLES);
const browser = await launch();

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
close();
