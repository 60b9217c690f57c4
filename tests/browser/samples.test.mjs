// The gallery: loaded when it is asked for, one press puts a sample beside what was written, and it runs.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { accessibilityProblems, withPage } from './browser.mjs';
import { apply, editorText, find, speed, typeUntil, write } from './hands.mjs';

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
const tabs = page => page.getByRole('tablist', { name: 'Files' }).getByRole('tab').allTextContents();
const gallery = page => page.getByRole('dialog', { name: 'Samples' });

test('a sample comes beside what was written, and does what it says', () => withPage('', {}, async page => {
  const fetched = [];
  page.on('request', request => fetched.push(new URL(request.url()).pathname));
  await write(page, '# mine\n');
  assert.deepEqual(fetched.filter(path => path.includes('/samples/')), []);
  await page.getByRole('button', { name: 'Samples' }).click();
  await gallery(page).getByRole('region', { name: 'Failures' }).getByRole('button', { name: /^It crashes/ }).click();
  await gallery(page).waitFor({ state: 'detached' });
  await page.getByRole('tab', { name: 'crash.yaml', selected: true }).waitFor();
  assert.match(await editorText(page), /name: clumsy/);
  await page.getByRole('tab', { name: 'web.yaml' }).click();
  assert.match(await editorText(page), /^# mine/);
  await write(page, '');
  await speed(page, '20×');
  await apply(page);
  await typeUntil(page, 'kubectl get pod clumsy', /CrashLoopBackOff/);
}));

test('by keyboard: found by a word, taken again without losing what was changed in it', () => withPage('', {}, async page => {
  await page.locator('#picture').focus();
  await page.keyboard.press('/');
  await page.keyboard.type('anti rivals');
  await page.getByText('Nothing of that name').waitFor();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('rivals');
  await page.getByRole('option', { name: /Apart/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('tab', { name: 'apart.yaml', selected: true }).waitFor();
  await write(page, '# changed\n');
  await find(page, 'Open the samples');
  await gallery(page).getByRole('searchbox').fill('rivals');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('tab', { name: 'apart-2.yaml', selected: true }).waitFor();
  assert.deepEqual((await tabs(page)).slice(-2), ['apart.yaml', 'apart-2.yaml']);
  await find(page, 'rivals');
  await page.getByRole('tab', { name: 'apart-2.yaml', selected: true }).waitFor();
  assert.deepEqual(await tabs(page), ['apart.yaml', 'apart-2.yaml'], 'what is there already does not come twice');
  await page.locator('#picture').focus();
  await page.keyboard.press('Control+Enter');
  await typeUntil(page, 'kubectl get deployments', /rivals/);
}));

for (const [name, query, options] of [
  ['light', 'lang=en', {}], ['dark', 'lang=en', { colorScheme: 'dark' }], ['Korean', 'lang=ko', {}], ['a phone', 'lang=en', PHONE],
]) {
  test(`the gallery for everyone: ${name}`, () => withPage(query, options, async page => {
    const phone = options === PHONE;
    if (phone) await page.getByRole('navigation', { name: 'Panels' }).getByRole('button', { name: 'YAML' }).tap();
    const button = page.locator('.files .more');
    await (phone ? button.tap() : button.click());
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('region').first().waitFor();
    assert.equal(await dialog.getByRole('region').count(), 12);
    assert.deepEqual(await accessibilityProblems(page), []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
    if (name === 'Korean') assert.match(await dialog.innerText(), /고르게[\s\S]*노드마다 둘/);
    if (phone) await dialog.getByRole('button', { name: /^Spread/ }).tap();
    else await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    if (phone) await page.locator('.left').getByRole('tab', { name: 'spread.yaml' }).waitFor();
  }));
}

test('a list that does not come says nothing wrong, and is asked for again', () => withPage('', {
  hold: request => request.url().includes('/samples/'),
}, async (page, release) => {
  await page.getByRole('button', { name: 'Samples' }).click();
  await gallery(page).getByText('on its way').waitFor();
  release();
  await gallery(page).getByRole('region').first().waitFor();
}));
