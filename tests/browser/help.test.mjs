// What the API says of itself: in the terminal, in the editor as one types or asks, in the ledger of what is simulated.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { accessibilityProblems, withPage } from './browser.mjs';
import { editorText, type, write } from './hands.mjs';

const POD = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  hostUsers: false
  containers:
  - name: web
    image: nginx
`;
const help = page => page.locator('.host .cm-help');
const ways = page => page.locator('.host .cm-tooltip-autocomplete li .cm-completionLabel');
const isDescriptions = request => request.url().includes('/descriptions-');
/// The middle of a word of the editor, on the screen.
const word = (page, text) => page.locator('.host .cm-content').evaluate((content, sought) => {
  const walker = document.createTreeWalker(content, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const at = node.data.indexOf(sought);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + sought.length);
    const box = range.getBoundingClientRect();
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }
  throw new Error(`the editor does not show ${sought}`);
}, text);

test('kubectl explain has the real descriptions, fetched when first asked for', () => withPage('', { hold: isDescriptions }, async (page, release) => {
  let asked = false;
  page.on('request', request => { asked ||= isDescriptions(request); });
  assert.match(await type(page, 'kubectl get nodes'), /node-1\s+Ready/);
  assert(!asked, 'nobody has asked yet');
  const printed = type(page, 'kubectl explain pod.spec.restartPolicy | head -12');
  // Until they are here, time stands still for them.
  await page.waitForTimeout(500);
  release();
  assert.match(await printed, /FIELD: restartPolicy <string>\nENUM:\n {4}Always\n {4}Never\n {4}OnFailure\n+DESCRIPTION:\n {4}Restart policy for all containers within the pod\./);
  assert.match(await type(page, 'kubectl explain deploy.spec.paused | tail -5'), /Indicates that the deployment is paused\./);
}));

test('without the descriptions explain says so, and lists what there is', () => withPage('', {}, async page => {
  await page.route(/descriptions-/, route => route.fulfill({ body: '', contentType: 'text/plain' }));
  assert.match(await type(page, 'kubectl explain pod.spec.os'), /could not be loaded[^]*name\t<string> -required-/);
}));

test('a word is written on as the kind and the place allow, by keys alone', () => withPage('', {}, async page => {
  await write(page, 'apiVersion: apps/v1\nkind: Deployment\nspec:\n  strategy:\n    ');
  await page.keyboard.press('Control+End');
  await page.keyboard.press('Control+Space');
  await ways(page).first().waitFor();
  assert.deepEqual(await ways(page).allTextContents(), ['rollingUpdate', 'type']);
  await page.keyboard.type('ty');
  await page.locator('.host .cm-completionInfo').getByText('Type of deployment.').waitFor();
  await page.waitForTimeout(100);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+Space');
  await page.waitForFunction(() => [...document.querySelector('.host').shadowRoot.querySelectorAll('.cm-completionLabel')].map(l => l.textContent).join() === 'Recreate,RollingUpdate');
  await page.waitForTimeout(100);
  await page.keyboard.press('Enter');
  assert.match(await editorText(page), /strategy:\n {4}type: Recreate$/);
}));

test('a field tells what it is, under the mouse and by F1', () => withPage('', {}, async page => {
  await write(page, POD);
  const { x, y } = await word(page, 'hostUsers');
  await page.mouse.move(x, y);
  await help(page).getByText('Use the host\'s user namespace.', { exact: false }).waitFor();
  await help(page).getByText('Inert: accepted and kept, but nothing comes of it here.').waitFor();
  await page.mouse.move(700, 500);
  await help(page).waitFor({ state: 'detached' });
  await page.keyboard.press('Control+Home');
  for (let line = 0; line < 5; line += 1) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('F1');
  await help(page).getByText('List of containers belonging to the pod.', { exact: false }).waitFor();
  assert.match(await help(page).textContent(), /^containers\[\]Container · required/);
  assert.deepEqual(await accessibilityProblems(page), []);
  await page.keyboard.press('Escape');
  await help(page).waitFor({ state: 'detached' });
}));

test('inert fields are marked quietly', () => withPage('', {}, async page => {
  await write(page, POD);
  await page.locator('.host .cm-lintRange-hint').getByText('hostUsers').waitFor();
  assert.equal(await page.locator('.host .cm-lintRange-hint').count(), 1);
  assert.equal(await page.getByRole('list', { name: 'Problems' }).count(), 0);
}));

for (const [name, query, options, title, sought] of [
  ['light', '', { colorScheme: 'light' }, 'What is simulated', 'A kind or a field'],
  ['dark, on a phone, in Korean', 'lang=ko', { colorScheme: 'dark', viewport: { width: 360, height: 740 } }, '시뮬레이션 범위', 'kind 또는 필드'],
]) {
  test(`the ledger: ${name}`, () => withPage(query, options, async page => {
    await page.keyboard.press('/');
    await page.getByRole('dialog').getByRole('combobox').fill(title);
    await page.getByRole('option', { name: title }).waitFor();
    await page.keyboard.press('Enter');
    const ledger = page.getByRole('dialog', { name: title });
    await ledger.waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    await ledger.getByRole('button', { name: 'Pod v1', exact: false }).first().click();
    await ledger.getByRole('button', { name: /^hostUsers/ }).click();
    await ledger.getByText('Use the host\'s user namespace.', { exact: false }).waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    await ledger.getByRole('searchbox', { name: sought }).fill('PodSpec.hostU');
    await ledger.getByRole('button', { name: /^hostUsers/ }).waitFor();
    assert.equal(await ledger.getByRole('button', { name: /^containers/ }).count(), 0);
    assert(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than the screen');
    await page.keyboard.press('Escape');
    await ledger.waitFor({ state: 'detached' });
  }));
}
