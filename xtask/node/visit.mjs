// What a visitor waits for and feels: `node visit.mjs DIST`. A line a measure: name, what it was, at most.
// The page comes over a line of 1.6 Mbit/s to a processor that is four times slower than this one; how it answers to hands is measured at
// this processor's own pace. Milliseconds by the clock; shifts of the layout as browsers count them, in thousandths.
import { host, launch, median, tell } from './host.mjs';

const BYTES_A_MS = 200;
const SLOWER = 4;
const VISITS = 3;
const { address, close } = await host(process.argv[2], BYTES_A_MS);
const browser = await launch();

/// What the browser itself notes of a page, from before there is one.
const note = () => {
  const noted = { largest: 0, shifts: 0, answers: {} };
  const on = (type, take, more) => new PerformanceObserver(list => list.getEntries().forEach(take)).observe({ type, buffered: true, ...more });
  on('largest-contentful-paint', entry => { noted.largest = entry.startTime; });
  on('layout-shift', entry => { if (!entry.hadRecentInput) noted.shifts += entry.value; });
  on('event', entry => {
    if (entry.interactionId) noted.answers[entry.interactionId] = Math.max(noted.answers[entry.interactionId] ?? 0, entry.duration);
  }, { durationThreshold: 16 });
  globalThis.noted = noted;
};

async function visit(viewport, act, slower = 1) {
  const context = await browser.newContext({ viewport, serviceWorkers: 'block' });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  await page.addInitScript(note);
  await (await context.newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: slower });
  await page.goto(`${address}?intro=no`);
  await page.locator('.app:not(.booting)').waitFor();
  await act(page);
  const noted = await page.evaluate(() => globalThis.noted);
  await context.close();
  return noted;
}

const room = { width: 1440, height: 900 };
const drawn = page => page.waitForTimeout(2000);
for (const [on, viewport] of [['a desktop', room], ['a phone', { width: 412, height: 823 }]]) {
  const largest = [];
  for (let n = 0; n < VISITS; n += 1) largest.push((await visit(viewport, drawn, SLOWER)).largest);
  tell(`the largest of the first contents is seen, on ${on}`, median(largest), 2500);
}

const lived = async page => {
  await page.locator('.app:not([aria-busy="true"])').waitFor();
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.waitForTimeout(15_000);
};
tell('shifts of the layout while the page comes and the sample is run', 1000 * (await visit(room, lived)).shifts, 0);

const used = async page => {
  await lived(page);
  for (const lens of ['Ownership', 'Network', 'List', 'Cluster']) {
    await page.getByRole('button', { name: lens, exact: true }).click();
    await page.waitForTimeout(800);
  }
  for (const panel of ['Requests', 'Events', 'Terminal']) {
    await page.getByRole('tab', { name: panel }).click();
    await page.waitForTimeout(800);
  }
  await page.getByRole('textbox', { name: 'Command line' }).fill('kubectl get pods -o wide');
  await page.keyboard.press('Enter');
  await page.waitForTimeout(800);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await page.waitForTimeout(800);
  await page.locator('#picture').focus();
  for (const key of ['ArrowDown', 'ArrowRight', 'Enter', 'Escape']) {
    await page.keyboard.press(key);
    await page.waitForTimeout(800);
  }
};
const { answers } = await visit(room, used);
tell('the page answers to hands: the longest of some twenty presses', Math.max(0, ...Object.values(answers)), 100);
await browser.close();
close();
