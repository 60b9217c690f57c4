// The way of a new user through the page: apply the sample, watch it, change it, break it, go back.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { withPage } from './browser.mjs';
import { apply, counted, editorText, find, speed, type, typeUntil, write } from './hands.mjs';

const ALL_READY = /web\s+3\/3\s+3\s+3/;

test('the sample runs: three Pods, ready, behind a Service', () => withPage('', {}, async page => {
  await speed(page, '10×');
  await apply(page);
  await typeUntil(page, 'kubectl get deployment web', ALL_READY);
  assert.match(await type(page, 'kubectl get pods -o wide'), /1\/1\s+Running[\s\S]*1\/1\s+Running[\s\S]*1\/1\s+Running/);
  assert.match(await type(page, 'kubectl get service web'), /ClusterIP\s+10\.96\./);
  assert.match(await type(page, 'kubectl get nodes'), /node-3\s+Ready/);
}));

test('before a cluster can run there is the picture, and what is done is done when it has', () => withPage('', {
  hold: request => /\/(run|rest)-/.test(request.url()),
}, async (page, release) => {
  await page.getByRole('img', { name: /cluster/i }).or(page.locator('canvas')).first().waitFor();
  assert.match(await counted(page), /3 nodes, 0 Pods/);
  const editor = page.getByRole('textbox', { name: 'Manifest, YAML or JSON' });
  await editor.press('Control+Home');
  await editor.pressSequentially('# early\n');
  await page.keyboard.press('Control+Enter');
  await speed(page, '10×');
  await page.getByRole('textbox', { name: 'Command line' }).fill('kubectl get nodes');
  await page.keyboard.press('Enter');
  await page.locator('canvas').first().hover({ position: { x: 200, y: 200 } });
  release();
  await page.getByRole('log', { name: 'Output of the terminal' }).getByText(/^node-3 +Ready/).waitFor();
  await typeUntil(page, 'kubectl get deployment web', ALL_READY);
  await editor.click();
  await page.locator('.host .cm-content').waitFor();
  assert.match(await editorText(page), /^# early\n# Three web servers/);
}));

test('nothing jumps while the page comes and the cluster lives', () => withPage('', {}, async page => {
  await apply(page);
  await typeUntil(page, 'kubectl get deployment web', ALL_READY);
  const jumps = await page.evaluate(() => new Promise(resolve => {
    // What was painted first is noted too, so that there is something to tell even where nothing has jumped.
    const observer = new PerformanceObserver(list => resolve(list.getEntries()
      .filter(entry => entry.entryType === 'layout-shift' && !entry.hadRecentInput)
      .flatMap(entry => entry.sources)
      // The prompt goes down a line with each that comes above it, as in every terminal.
      .filter(({ node }) => !node?.matches?.('.ask'))
      .map(({ node }) => `${node?.nodeName} ${node?.className} ${node?.textContent?.slice(0, 40)}`)));
    for (const type of ['layout-shift', 'paint']) observer.observe({ type, buffered: true });
  }));
  assert.deepEqual(jumps, []);
}));

test('an edited image is rolled out, a deleted Pod is replaced, scaling scales', () => withPage('', {}, async page => {
  await speed(page, '10×');
  await apply(page);
  await typeUntil(page, 'kubectl get deployment web', ALL_READY);
  const before = await page.getByRole('textbox', { name: 'Manifest, YAML or JSON' }).inputValue().catch(() => editorText(page));
  assert.match(before, /image: nginx:1\.28/);
  await write(page, before.replace('nginx:1.28', 'nginx:1.29'));
  await page.keyboard.press('Control+Enter');
  assert.match(await type(page, 'kubectl rollout status deployment/web'), /successfully rolled out/);
  assert.match(await type(page, 'kubectl get pods -o yaml'), /image: nginx:1\.29/);
  await typeUntil(page, 'kubectl get rs', /web-\w+\s+0\s+0\s+0/);
  const pods = await type(page, 'kubectl get pods -l app=web -o name');
  const first = pods.split('\n')[0].trim();
  assert.match(await type(page, `kubectl delete ${first}`), /deleted/);
  await typeUntil(page, 'kubectl get deployment web', ALL_READY);
  assert.doesNotMatch(await type(page, 'kubectl get pods -o name'), new RegExp(first));
  await type(page, 'kubectl scale deployment web --replicas=5');
  await typeUntil(page, 'kubectl get deployment web', /web\s+5\/5/);
}));

test('what is selected says how it is, why, and who made it', () => withPage('', {}, async page => {
  await speed(page, '10×');
  await apply(page);
  await typeUntil(page, 'kubectl get deployment web', ALL_READY);
  await find(page, 'web');
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  await inspector.getByRole('heading', { level: 2 }).waitFor();
  for (const tab of ['Why', 'Events', 'YAML', 'History']) {
    await inspector.getByRole('tab', { name: tab }).click();
    assert.notEqual((await inspector.getByRole('tabpanel').innerText()).trim(), '');
  }
  await inspector.getByRole('tab', { name: 'YAML' }).click();
  assert.match(await inspector.getByRole('tabpanel').innerText(), /apiVersion: /);
}));

test('time goes back, and what is changed there begins another future', () => withPage('', {}, async page => {
  await speed(page, '10×');
  await apply(page);
  await typeUntil(page, 'kubectl get deployment web', ALL_READY);
  await page.getByRole('button', { name: 'Pause' }).click();
  const now = await counted(page);
  assert.match(now, /3 nodes, [1-9]\d* Pods/);
  const timeline = page.getByRole('slider', { name: 'Timeline' });
  await timeline.focus();
  await page.keyboard.press('Home');
  await page.waitForFunction(() => document.querySelector('.scene-name').textContent.includes('0 Pods'));
  await page.keyboard.press('End');
  await page.waitForFunction(was => document.querySelector('.scene-name').textContent === was, now);
  await page.keyboard.press('Home');
  await page.getByRole('button', { name: 'Play' }).click();
  assert.match(await type(page, 'kubectl get nodes'), /node-1\s+Ready/);
  await page.getByRole('button', { name: 'The other future' }).click();
  await timeline.focus();
  await page.keyboard.press('End');
  await page.waitForFunction(was => document.querySelector('.scene-name').textContent === was, now);
}));
