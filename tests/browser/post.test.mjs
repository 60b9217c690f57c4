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

test('what is on screen becomes the lines of a figure, and a picture', () => withPage('lang=en', { permissions: ['clipboard-read', 'clipboard-write'] }, async page => {
  await find(page, 'Copy this as a figure');
  await page.getByRole('alert').getByText('The lines of the figure are in the clipboard').waitFor();
  const lines = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(lines, /^<script src="http:\/\/127\.0\.0\.1:\d+\/figure\.js" defer><\/script>\n<kubarium-figure link="1\.[\w-]+" height="420" lang="en">/);
  const [download] = await Promise.all([page.waitForEvent('download'), find(page, 'Save the picture')]);
  assert.equal(download.suggestedFilename(), 'figure.svg');
  const drawn = readFileSync(await download.path(), 'utf8');
  assert.match(drawn, /^<svg /);
  assert.match(drawn, /--canvas:#fbfcfd;[\s\S]*prefers-color-scheme:dark[\s\S]*--canvas:#0d1218;/);
}));
