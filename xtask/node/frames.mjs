// How long the page holds the main thread: `node frames.mjs ADDRESS [LOAD ...]`. A line a load: name, what a frame may take, frames, then
// milliseconds of a frame's work (median, of 95 in 100 at most, longest), then how many stretches of over 50 ms there were in which
// nothing else could run. It is the thread's own time that counts, not that of a clock: what else the machine does meanwhile is not
// the page's.
import { deflateSync } from 'node:zlib';
import { launch } from './host.mjs';

const [address, ...wanted] = process.argv.slice(2);

const manifest = replicas => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: nginx, image: nginx:1.28, readinessProbe: {httpGet: {path: /, port: 80}}}]
`;

// A cluster at its first moment, as a link (docs/link-format.md).
const link = setup => {
  const text = `${JSON.stringify(['kubarium', 1, { entries: 0, now: 0, end: 0, ...setup }])}\n`;
  return `${address}#1.${deflateSync(text).toString('base64url')}`;
};

const speed = (page, label) => page.getByRole('combobox', { name: 'Speed' }).selectOption({ label });
const write = (page, text) => page.getByRole('textbox', { name: 'Manifest, YAML or JSON' }).fill(text);
const apply = page => page.getByRole('button', { name: 'Apply' }).click();
const play = page => page.getByRole('button', { name: 'Play', exact: true }).click();
// As long as it takes to look at the page before anything is done.
const rest = page => page.waitForTimeout(4000);

// Those who hear the picture are told of so many things only once it shows the nodes of a large cluster.
const shown = async page => {
  await page.locator('#symbol-140').waitFor({ state: 'attached' });
  await rest(page);
};

// What is done before, and what is measured.
const loads = {
  sample: {
    name: 'the sample, at its own speed', most: 6, seconds: 15, at: `${address}?intro=no`,
    before: rest, begin: apply,
  },
  'pods-300': {
    name: '300 Pods on 3 nodes, 10×', most: 6, seconds: 15, at: `${address}?intro=no`,
    before: async page => {
      await write(page, manifest(300));
      await speed(page, '10×');
      await rest(page);
    },
    begin: apply,
  },
  'pods-1000': {
    name: '1,000 Pods on 50 nodes, 10×', most: 6, seconds: 15, at: link({ nodes: 50 }),
    before: async page => {
      await write(page, manifest(1000));
      await speed(page, '10×');
      await play(page);
      await rest(page);
    },
    begin: apply,
  },
  'dots-10000': {
    name: '10,000 Pods on 200 nodes as dots, all of which start, 10×', most: 10, seconds: 15, at: link({ nodes: 200, pods: 50 }),
    before: async page => {
      await speed(page, '10×');
      await shown(page);
    },
    begin: play,
  },
  'shade-150000': {
    name: '150,000 Pods on 5,000 nodes as shade, the camera moves', most: 33, seconds: 15,
    at: link({ nodes: 5000, pods: 30 }),
    before: shown,
    begin: async page => {
      const { x, y, width, height } = await page.locator('#picture').boundingBox();
      await page.mouse.move(x + width / 2, y + height / 2);
      for (let n = 0; n < 200; n += 1) await page.mouse.wheel(0, n % 100 < 50 ? -60 : 60);
    },
  },
};

const browser = await launch();

for (const [key, { name, most, seconds, at, before, begin }] of Object.entries(loads)) {
  if (wanted.length > 0 && !wanted.includes(key)) continue;
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(300_000);
  await page.goto(at);
  await page.locator('.app:not([aria-busy="true"])').waitFor();
  await before(page);
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
  const end = page.waitForTimeout(seconds * 1000);
  await begin(page);
  await end;
  const { traceEvents } = JSON.parse(await browser.stopTracing());
  await page.close();
  const threads = traceEvents.filter(e => e.name === 'thread_name' && e.args.name === 'CrRendererMain');
  const of = event => threads.map(({ pid, tid }) => traceEvents
    .filter(e => e.pid === pid && e.tid === tid && e.name === event && e.tdur !== undefined).map(e => e.tdur / 1000))
    .reduce((longer, other) => (other.length > longer.length ? other : longer), []);
  const frames = of('FireAnimationFrame').sort((a, b) => a - b);
  const long = of('ThreadControllerImpl::RunTask').filter(ms => ms > 50).length;
  const share = part => frames[Math.min(frames.length - 1, Math.floor(frames.length * part))].toFixed(1);
  console.log([name, most, frames.length, share(0.5), share(0.95), share(1), long].join('\t'));
}
await browser.close();
