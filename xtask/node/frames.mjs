// How long the page holds the main thread: `node frames.mjs ADDRESS`. A line a load: name, frames, then milliseconds of a frame's
// work (median, of 95 in 100 at most, longest), then how many stretches of over 50 ms there were in which nothing else could run.
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
  await page.addInitScript(() => {
    globalThis.frames_took = [];
    globalThis.long_stretches = 0;
    const ask = globalThis.requestAnimationFrame;
    globalThis.requestAnimationFrame = draw => ask.call(globalThis, now => {
      const start = performance.now();
      draw(now);
      // The page does its work in microtasks that the frame has begun: ours, begun later each time, comes last.
      const ended = after => (after ? queueMicrotask(() => ended(after - 1)) : frames_took.push(performance.now() - start));
      ended(8);
    });
    new PerformanceObserver(list => { long_stretches += list.getEntries().length; }).observe({ entryTypes: ['longtask'] });
  });
  await page.goto(address);
  await page.locator('.app:not([aria-busy="true"])').waitFor();
  if (text) await page.getByRole('textbox', { name: 'Manifest, YAML or JSON' }).fill(text);
  await page.getByRole('combobox', { name: 'Speed' }).selectOption({ label: speed });
  await page.waitForTimeout(2000);
  await page.evaluate(() => { frames_took.length = 0; long_stretches = 0; });
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.waitForTimeout(seconds * 1000);
  const { took, long } = await page.evaluate(() => ({ took: frames_took, long: long_stretches }));
  took.sort((a, b) => a - b);
  const of = share => took[Math.min(took.length - 1, Math.floor(took.length * share))].toFixed(1);
  console.log([name, took.length, of(0.5), of(0.95), of(1), long].join('\t'));
  await page.close();
};

await measure('the sample, at its own speed', '', '1×', 15);
await measure('300 Pods on 3 nodes, 10×', manifest(300), '10×', 15);
await browser.close();
