// The page for everyone: by keyboard alone, on a phone, in the dark, in Korean, through a screen reader.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { accessibilityProblems, withPage } from './browser.mjs';
import { apply, speed, typeUntil } from './hands.mjs';

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

for (const [name, query, options] of [
  ['light', '', { colorScheme: 'light' }],
  ['dark', '', { colorScheme: 'dark' }],
  ['Korean', 'lang=ko', {}],
  ['a phone', '', PHONE],
]) {
  test(`axe finds nothing: ${name}`, () => withPage(query, options, async page => {
    assert.deepEqual(await accessibilityProblems(page), []);
  }));
}

test('by keyboard alone: apply, pick in the picture, read about it, close', () => withPage('', {}, async page => {
  await speed(page, '10×');
  await page.getByRole('textbox', { name: 'Manifest, YAML or JSON' }).focus();
  // At once: the code editor takes the plain field's place meanwhile, and no key is lost between them.
  await page.keyboard.press('Control+Enter');
  await page.waitForFunction(() => !document.querySelector('.scene-name').textContent.includes('0 Pods'));
  await page.locator('#picture').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.getByRole('complementary', { name: 'Inspector' }).getByRole('heading', { level: 2 }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'detached' });
}));

test('Tab reaches every region and is caught in none', () => withPage('', {}, async page => {
  const regions = new Set();
  for (let presses = 0; presses < 120 && regions.size < 6; presses += 1) {
    await page.keyboard.press('Tab');
    const region = await page.evaluate(() => document.activeElement?.closest('header, section, main, aside, footer')?.className);
    if (region) regions.add(region.split(' ')[0]);
  }
  assert.deepEqual([...regions].sort(), ['left', 'pic', 'right', 'term', 'time', 'top']);
}));

test('Tab writes a begun line on, shows the ways there are, and leaves where there is none', () => withPage('', {}, async page => {
  const input = page.getByRole('textbox', { name: 'Command line' });
  const holds = text => page.waitForFunction(wanted => document.querySelector('#terminal').value === wanted, text);
  await input.fill('kubectl describe no');
  await input.press('Tab');
  await holds('kubectl describe nodes ');
  await input.press('Tab');
  await holds('kubectl describe nodes node-');
  await input.press('Tab');
  await page.getByText('node-1  node-2').waitFor();
  await input.fill('kubectl frobnicate x');
  await input.press('Tab');
  await input.press('Tab');
  await page.waitForFunction(() => document.activeElement?.id !== 'terminal');
}));

test('on a phone nothing is wider than the screen, and every panel is a touch away', () => withPage('', PHONE, async page => {
  const width = () => page.evaluate(() => document.documentElement.scrollWidth);
  for (const panel of ['Picture', 'YAML', 'Terminal', 'List']) {
    await page.getByRole('navigation', { name: 'Panels' }).getByRole('button', { name: panel }).tap();
    assert.equal(await width(), 360, panel);
  }
}));

test('Korean is spoken everywhere, API words stay English', () => withPage('lang=ko', {}, async page => {
  assert.equal(await page.locator('html').getAttribute('lang'), 'ko');
  const labels = await page.locator('button:visible, [aria-label]:visible').evaluateAll(all => all.map(one => one.getAttribute('aria-label') ?? one.textContent));
  const english = ['Apply', 'Pause', 'Play', 'Copy link', 'Timeline', 'Editor', 'Inspector', 'Terminal', 'Find or do'];
  assert.deepEqual(labels.filter(label => english.includes(label.trim())), []);
  assert(labels.some(label => /[가-힣]/.test(label)));
}));

test('the dark theme is chosen, kept, and dark', () => withPage('', {}, async page => {
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0));
  const light = await ground();
  await page.getByRole('button', { name: 'Light or dark' }).click();
  assert(await ground() < light / 2);
  await page.reload();
  await page.locator('.app:not([aria-busy="true"])').waitFor();
  assert(await ground() < light / 2);
}));

test('should the program stop, the text is kept and there is a way on', () => withPage('', {}, async page => {
  await page.evaluate(() => kubarium.broke('a report for the test'));
  const told = page.getByRole('alertdialog', { name: 'The simulation has stopped' });
  await told.getByText('a report for the test').waitFor();
  assert.equal(await told.getByRole('button').count(), 3);
}));

test('the picture moves: a cluster at work changes from one moment to the next', () => withPage('', {}, async page => {
  await speed(page, '1×');
  await apply(page);
  const picture = page.locator('#picture');
  const first = await picture.screenshot();
  await typeUntil(page, 'kubectl get pods', /Running/);
  assert(!first.equals(await picture.screenshot()));
}));
