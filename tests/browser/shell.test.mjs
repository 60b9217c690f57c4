// A shell in a container: what is typed goes to it, its keys reach it, and a touch does as well as a keyboard.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { accessibilityProblems, withPage } from './browser.mjs';
import { speed, type, typeUntil } from './hands.mjs';

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
const RUN = 'kubectl run box --image=busybox:1.36 --restart=Never -- sleep 1d';

const input = page => page.locator('#terminal');
const output = page => page.locator('.out [role=log]');
/// Waits until a program asks with these words.
const asked = (page, prompt) => page.waitForFunction(wanted => document.querySelector('#prompt')?.textContent === wanted, prompt);
const free = page => page.waitForFunction(() => document.querySelector('.ask .pr')?.textContent === '$');

async function send(page, text) {
  await input(page).fill(text);
  await input(page).press('Enter');
}

test('a live shell: prompt, echo, keys, exit code, and all of it again after a reload', () => withPage('', {}, async page => {
  await speed(page, '5×');
  await type(page, RUN);
  await typeUntil(page, 'kubectl get pod box', /1\/1 +Running/);
  await send(page, 'kubectl exec -it box -- sh');
  await asked(page, '/ # ');
  await send(page, 'echo "  hi  $((1+2))"');
  await output(page).getByText('  hi  3', { exact: true }).waitFor();
  await output(page).getByText('/ # echo "  hi  $((1+2))"', { exact: true }).waitFor();
  await asked(page, '/ # ');
  assert.equal(await input(page).inputValue(), '');
  const described = await input(page).evaluate(node => node.getAttribute('aria-describedby').split(' ').map(id => document.getElementById(id)?.textContent));
  assert.deepEqual(described, ['/ # ', 'Ctrl-CinterruptsCtrl-Dends the input']);
  assert.deepEqual(await accessibilityProblems(page), []);

  await send(page, 'sleep 100000; echo never');
  await asked(page, '');
  await input(page).press('Control+c');
  await output(page).getByText('^C', { exact: true }).waitFor();
  await asked(page, '/ # ');
  await input(page).press('ArrowUp');
  assert.equal(await input(page).inputValue(), 'sleep 100000; echo never');

  // In the midst of a line Ctrl-D does nothing, at its beginning it ends the shell.
  await input(page).press('Control+d');
  await asked(page, '/ # ');
  await input(page).fill('');
  await input(page).press('Control+d');
  await free(page);
  await output(page).getByText('command terminated with exit code 130', { exact: true }).waitFor();
  assert.match(await type(page, 'kubectl get pod box'), /1\/1 +Running/);

  await page.reload();
  await page.locator('.app:not([aria-busy="true"])').waitFor();
  await output(page).getByText('  hi  3', { exact: true }).waitFor();
}));

test('the terminal itself: cat and read take what is typed', () => withPage('', {}, async page => {
  await send(page, 'read name; echo "<$name>"; cat');
  await asked(page, '');
  await send(page, 'a  word');
  await output(page).getByText('<a  word>', { exact: true }).waitFor();
  await send(page, 'twice');
  await page.waitForFunction(() => [...document.querySelectorAll('.out [role=log] > div')].filter(line => line.textContent === 'twice').length === 2);
  await input(page).press('Control+d');
  await free(page);
}));

test('on a phone, in Korean: keys without a keyboard, and one leaves what goes on', () => withPage('lang=ko', PHONE, async page => {
  const [, , terminal] = await page.locator('.tabbar button').all();
  await terminal.tap();
  await send(page, 'kubectl run stays -it --image=busybox:1.36 -- sh');
  await asked(page, '/ # ');
  await send(page, 'echo within');
  await output(page).getByText('within', { exact: true }).waitFor();
  assert.deepEqual(await page.locator('#keys button').allTextContents(), ['Ctrl-C중단', 'Ctrl-D입력 끝내기', 'Ctrl-P Ctrl-Q실행해 둔 채 나가기']);
  assert.deepEqual(await accessibilityProblems(page), []);
  for (const button of await page.locator('#keys button').all()) assert((await button.boundingBox()).height >= 44);
  await page.getByRole('button', { name: 'Ctrl-P Ctrl-Q' }).tap();
  await free(page);
  await output(page).getByText("kubectl attach stays -c stays -n default -i -t", { exact: false }).last().waitFor();
  await send(page, 'kubectl attach -it stays');
  await asked(page, '/ # ');
  await page.getByRole('button', { name: 'Ctrl-D' }).tap();
  await free(page);
}));
