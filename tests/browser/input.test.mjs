// What people paste: it is told where it is wrong, nothing of it runs, and nothing that was there is lost.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { withPage } from './browser.mjs';
import { editorText, speed, type, typeUntil, write } from './hands.mjs';

const problems = page => page.getByRole('list', { name: 'Problems' });

test('a mistake in the text is told at its line while typing', () => withPage('', {}, async page => {
  await write(page, 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: tab\n');
  await problems(page).getByText('4:', { exact: false }).first().waitFor();
}));

test('what the API server refuses is told at its line, in its words', () => withPage('', {}, async page => {
  await write(page, `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: other}
    spec:
      containers: [{name: web, image: nginx}]
`);
  await page.keyboard.press('Control+Enter');
  await problems(page).getByText('`selector` does not match template `labels`').waitFor();
}));

test('markup in names and values stays text', () => withPage('', {}, async page => {
  const markup = '<img src=x onerror=alert(1)>';
  await speed(page, '10×');
  await write(page, `apiVersion: v1
kind: ConfigMap
metadata: {name: markup, labels: {a: "${markup}"}, annotations: {a: "${markup}"}}
data: {a: "${markup}"}
---
apiVersion: v1
kind: Pod
metadata: {name: "${markup}"}
spec: {containers: [{name: "${markup}", image: "${markup}"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: echo, annotations: {a: "${markup}"}}
spec: {containers: [{name: echo, image: busybox, command: [sh, -c, "echo '${markup}'; sleep 1000"]}]}
`);
  await page.keyboard.press('Control+Enter');
  await type(page, `echo '${markup}'`);
  await type(page, `kubectl get pod '${markup}'`);
  await typeUntil(page, 'kubectl get pod echo', /Running/);
  await type(page, 'kubectl logs echo');
  await type(page, 'kubectl get events');
  assert.equal(await page.locator('img[src="x"]').count(), 0);
}));

test('monstrous texts are refused, and the tab stays awake', () => withPage('', {}, async page => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]', ...'bcdefghi'.split('').map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`)].join('\n');
  for (const text of ['['.repeat(400_000), `${bomb}\n`, `a: ${'x'.repeat(5_000_000)}\n`, `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${'n'.repeat(10_000)}}\n`]) {
    await write(page, text);
    await page.keyboard.press('Control+Enter');
    await problems(page).or(page.getByRole('alert').locator('.toast')).first().waitFor();
    const start = Date.now();
    await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
    assert(Date.now() - start < 1_000, 'two frames took a second');
  }
  assert.match(await type(page, 'kubectl get nodes'), /node-1\s+Ready/);
}));

test('a text survives a reload', () => withPage('', {}, async page => {
  await write(page, '# mine\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: mine}\n');
  await page.waitForFunction(() => Object.values({ ...localStorage, ...sessionStorage }).some(kept => kept.includes('# mine')));
  await page.reload();
  await page.locator('.app:not([aria-busy="true"])').waitFor();
  await page.getByRole('textbox', { name: 'Manifest, YAML or JSON' }).click();
  await page.locator('.host .cm-content').waitFor();
  assert.match(await editorText(page), /^# mine/);
}));
