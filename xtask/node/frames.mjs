// How long the page holds the main thread: `node frames.mjs ADDRESS`. A line a load: name, frames, then milliseconds of a frame's
// work (median, of 95 in 100 at most, longest), then how many stretches of over 50 ms there were in which nothing else could run.
// It is the thread's own time that counts, not that of a clock: what else the machine does meanwhile is not the page's.
import { createRequire } from 'node:module';

const { chromium } = createRequire(`${process.env.KUBARIUM_NODE_MODULES}/`)('playwright-core');
const [address] = process.argv.slice(2);

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

const browser = await chromium.launch({
  executablePath: process.env.KUBARIUM_CHROMIUM,
  args: ['--no-sandbox', '--disable-quic', '--disable-background-networking'],
});

const measure = async (name, text, speed, seconds) => {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(address);
  await page.locator('.app:not([aria-busy="true"])').waitFor();
  if (text) await page.getByRole('textbox', { name: 'Manifest, YAML or JSON' }).fill(text);
  await page.getByRole('combobox', { name: 'Speed' }).selectOption({ label: speed });
  // As long as it takes to look at the page before anything is done.
  await page.waitForTimeout(4000);
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.waitForTimeout(seconds * 1000);
  const { traceEvents } = JSON.parse(await browser.stopTracing());
  await page.close();
  const threads = traceEvents.filter(e => e.name === 'thread_name' && e.args.name === 'CrRendererMain');
  const of = name => threads.map(({ pid, tid }) => traceEvents
    .filter(e => e.pid === pid && e.tid === tid && e.name === name && e.tdur !== undefined).map(e => e.tdur / 1000))
    .reduce((most, some) => (some.length > most.length ? some : most), []);
  const frames = of('FireAnimationFrame').sort((a, b) => a - b);
  const long = of('ThreadControllerImpl::RunTask').filter(ms => ms > 50).length;
  const at = share => frames[Math.min(frames.length - 1, Math.floor(frames.length * share))].toFixed(1);
  console.log([name, frames.length, at(0.5), at(0.95), at(1), long].join('\t'));
};

await measure('the sample, at its own speed', '', '1×', 15);
await measure('300 Pods on 3 nodes, 10×', manifest(300), '10×', 15);
await browser.close();
