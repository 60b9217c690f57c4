// Who comes for the first time sees a cluster live for twenty seconds, unless there is something better to do.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { accessibilityProblems, withPage } from './browser.mjs';
import { apply, counted, type } from './hands.mjs';

const intro = page => page.getByRole('region', { name: 'An example' });
const says = (page, text) => intro(page).getByText(text).waitFor();

test('it plays to its end, once; then all is as if nothing had been', () => withPage('', { first: true }, async page => {
  await says(page, /You say what you want/);
  assert.deepEqual(await accessibilityProblems(page), []);
  await page.locator('.scene-name', { hasText: '5 Pods' }).waitFor();
  await says(page, /another takes its place/);
  await says(page, /A new version comes in/);
  await intro(page).waitFor({ state: 'detached' });
  assert.equal(await counted(page), '3 nodes, 0 Pods');
  await page.reload();
  await page.locator('.app:not([aria-busy="true"])').waitFor();
  await page.locator('.scene-name', { hasText: '0 Pods' }).waitFor();
  assert.equal(await intro(page).count(), 0);
  // Whoever wants to see it again finds it.
  await page.keyboard.press('/');
  await page.keyboard.type('twenty-second');
  await page.keyboard.press('Enter');
  await says(page, /You say what you want/);
}));

test('who turns to the editor has a cluster of his own, who turns to the picture keeps this one', () => withPage('', { first: true }, async page => {
  await says(page, /Controllers make Pods/);
  await apply(page);
  await intro(page).waitFor({ state: 'detached' });
  await type(page, 'kubectl get deployment web');
  assert.match(await type(page, 'kubectl get events'), /SuccessfulCreate/);
  await page.keyboard.press('Escape');
  await page.evaluate(() => { localStorage.clear(); sessionStorage.clear(); });
  await page.reload();
  await says(page, /the scheduler finds each a node/);
  await page.locator('#picture').click({ position: { x: 400, y: 300 } });
  await intro(page).waitFor({ state: 'detached' });
  assert.match(await type(page, 'kubectl get deployments'), /web/);
  await page.reload();
  await page.locator('.app:not([aria-busy="true"])').waitFor();
  await page.locator('.scene-name', { hasText: '5 Pods' }).waitFor();
}));

test('not where motion is unwelcome, nor on the way to something else', async () => {
  await withPage('', { first: true, reducedMotion: 'reduce' }, async page => {
    await type(page, 'kubectl get nodes');
    assert.equal(await intro(page).count(), 0);
  });
  await withPage('intro=no', { first: true }, async page => {
    await type(page, 'kubectl get nodes');
    assert.equal(await intro(page).count(), 0);
  });
  await withPage('', { first: true }, async page => {
    await page.evaluate(() => { location.hash = 'lesson/first-pod/1'; });
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    assert.equal(await intro(page).count(), 0);
  });
});

test('in Korean, on a phone', () => withPage('lang=ko', { first: true, viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }, async page => {
  const region = page.getByRole('region', { name: '예제' });
  await region.getByText('원하는 것을 적습니다').waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  await region.getByRole('button', { name: '직접 해 보기' }).tap();
  await region.waitFor({ state: 'detached' });
  assert.equal(await counted(page), '노드 3개, Pod 0개');
}));
