// The article with six figures, which is part of the page: each plays its scene, and stands in its own place.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { accessibilityProblems, address, withBrowser, withPage } from './browser.mjs';
import { find } from './hands.mjs';

for (const lang of ['en', 'ko']) {
  test(`six figures, each its own cluster: ${lang}`, () => withBrowser(async (page, wrong) => {
    await page.goto(`${address}post/${lang}.html`);
    const figures = page.locator('kubarium-figure');
    assert.equal(await figures.count(), 6);
    // Far below nothing is loaded yet; its still picture is there.
    assert.equal(await figures.last().locator('iframe').count(), 0);
    assert(await figures.last().locator('img').evaluate(image => image.decode().then(() => image.naturalWidth > 0)));
    const before = await page.evaluate(() => document.documentElement.scrollHeight);
    for (let n = 0; n < 6; n += 1) {
      const figure = figures.nth(n);
      await figure.scrollIntoViewIfNeeded();
      const inside = figure.locator('iframe').contentFrame();
      await inside.locator('.app:not([aria-busy="true"]) .time').waitFor();
      await figure.evaluate(element => element.play());
      await inside.locator('.clock', { hasText: '0:03' }).waitFor();
      await inside.locator('.pic canvas > span').nth(4).waitFor({ state: 'attached' });
      await figure.evaluate(element => element.pause());
    }
    assert.equal(await page.evaluate(() => document.documentElement.scrollHeight), before, 'nothing has moved');
    assert.deepEqual(wrong, []);
  }));
}

test('axe finds nothing in the article', () => withPage('lang=en', {}, async page => {
  await page.goto(`${address}post/en.html`);
  const problems = await accessibilityProblems(page);
  assert.deepEqual(problems.filter(problem => !problem.includes('iframe')), []);
}));

const CLIPBOARD = { permissions: ['clipboard-read', 'clipboard-write'] };
const builder = page => page.getByRole('dialog', { name: 'A figure for an article' });

test('what is on screen becomes the lines of a figure, and a picture', () => withPage('lang=en', CLIPBOARD, async page => {
  await find(page, 'node-2');
  await page.getByRole('complementary', { name: 'Inspector' }).getByRole('heading', { level: 2 }).waitFor();
  await find(page, 'Make a figure for an article');
  const choose = (label, option) => builder(page).getByLabel(label).selectOption({ label: option });
  const copied = async () => {
    await builder(page).getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('alert').getByText('The lines of the figure are in the clipboard').last().waitFor();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  assert.match(await copied(), /^<script src="http:\/\/127\.0\.0\.1:\d+\/figure\.js" defer><\/script>\n<kubarium-figure link="1\.[\w-]+" height="420" lang="en" lens="cluster" focus="Node\/\/node-2">/);
  const inside = page.locator('iframe.preview').contentFrame();
  await inside.locator('.app:not([aria-busy="true"]) .time').waitFor();
  await choose('Lens', 'List');
  await choose('Language', '한국어');
  await choose('Light or dark', 'dark');
  await choose('Form', '<iframe>');
  await builder(page).getByLabel('Height').fill('300');
  await builder(page).getByLabel('with the line of time').uncheck();
  const frame = await copied();
  assert.match(frame, /^<iframe src="http:\/\/127\.0\.0\.1:\d+\/\?embed=none&amp;lang=ko&amp;theme=dark#1\.[\w-]+" title="[^"]+" sandbox="allow-scripts" loading="lazy" width="100%" height="300"><\/iframe>/);
  await inside.locator('html[lang="ko"][data-theme="dark"] .app:not([aria-busy="true"])').waitFor();
  assert.equal(await inside.locator('.time').isVisible(), false);
  assert.equal((await page.locator('iframe.preview').boundingBox()).height, 300);
  assert.deepEqual((await accessibilityProblems(page)).filter(problem => !problem.includes('iframe')), []);
  await page.keyboard.press('Escape');
  await builder(page).waitFor({ state: 'detached' });
  const [download] = await Promise.all([page.waitForEvent('download'), find(page, 'Save the picture (SVG)')]);
  assert.equal(download.suggestedFilename(), 'figure.svg');
  const drawn = readFileSync(await download.path(), 'utf8');
  assert.match(drawn, /^<svg /);
  assert.match(drawn, /--canvas:#fbfcfd;[\s\S]*prefers-color-scheme:dark[\s\S]*--canvas:#0d1218;/);
}));

test('the builder on a phone, in Korean: nothing is wider than the screen', () => withPage('lang=ko', { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }, async page => {
  await page.getByRole('button', { name: '찾기' }).tap();
  await page.getByRole('dialog').getByRole('combobox').fill('글에 넣을');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: '글에 넣을 그림' });
  await dialog.locator('iframe').contentFrame().locator('.app:not([aria-busy="true"])').waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  assert.deepEqual((await accessibilityProblems(page)).filter(problem => !problem.includes('iframe')), []);
}));
