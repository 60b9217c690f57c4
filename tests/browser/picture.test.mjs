// The picture as a thing to look around in, to show to a room, to save and to print.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { accessibilityProblems, withPage } from './browser.mjs';
import { apply, find, speed, type, typeUntil } from './hands.mjs';

/// Where the camera is, as a link tells it.
const aim = async page => {
  const [download] = await Promise.all([page.waitForEvent('download'), find(page, 'Save as a file')]);
  return JSON.parse(readFileSync(await download.path(), 'utf8').split('\n')[0])[2].camera;
};
const still = page => page.waitForTimeout(500);

test('the map: pressed and dragged it moves the camera, and one finds back', () => withPage('', {}, async page => {
  const picture = page.locator('#picture');
  await picture.focus();
  assert.equal(await aim(page), undefined);
  await picture.focus();
  for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press('+');
  await still(page);
  const middle = await aim(page);
  assert(middle[2] > 2_000);
  const { x, y, width, height } = await picture.boundingBox();
  // The map lies in the lower right corner of the window, above the shelf.
  const map = { x: x + width - 100, y: y + height - 165 };
  await page.mouse.click(map.x - 60, map.y);
  const left = await aim(page);
  assert(left[0] < middle[0], 'what is left on the map is left in the world');
  await page.mouse.move(map.x - 60, map.y);
  await page.mouse.down();
  await page.mouse.move(map.x + 60, map.y, { steps: 4 });
  await page.mouse.up();
  assert((await aim(page))[0] > middle[0]);
  await picture.focus();
  await page.keyboard.press('Shift+ArrowLeft');
  await still(page);
  await picture.focus();
  await page.keyboard.press('f');
  await still(page);
  assert.equal(await aim(page), undefined);
}));

test('for a room: the picture alone, large, with the same keys, and back again', () => withPage('', {}, async page => {
  const seen = () => page.evaluate(() => ['.left', '.right', '.term', '.edges', '.pic', '.time', '.hints']
    .filter(name => document.querySelector(name)?.checkVisibility()));
  await page.locator('#picture').focus();
  await page.keyboard.press('p');
  await page.locator('.hints').waitFor();
  assert.deepEqual(await seen(), ['.pic', '.time', '.hints']);
  const size = await page.locator('.hints span').first().evaluate(span => span.getBoundingClientRect().height);
  assert(size > 18 * 1.3, `a line is ${size} px high`);
  await page.keyboard.press('`');
  await page.locator('.term').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('textbox', { name: 'Command line' }).fill('kubectl get nodes');
  await page.keyboard.press('Enter');
  await page.getByText(/^node-3 +Ready/).waitFor();
  await page.locator('#picture').focus();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('complementary', { name: 'Inspector' }).getByRole('heading', { level: 2 }).waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  await page.locator('.hints').getByRole('button', { name: 'End' }).click();
  assert.deepEqual((await seen()).filter(name => name !== '.term'), ['.left', '.right', '.pic', '.time']);
}));

for (const lang of ['en', 'ko']) {
  test(`?big on a projector: nothing is cut off (${lang})`, () => withPage(`big&lang=${lang}`, { viewport: { width: 3840, height: 2160 }, colorScheme: lang === 'ko' ? 'dark' : 'light' }, async page => {
    await page.locator('.hints').waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    const foot = await page.locator('.hints').boundingBox();
    assert(foot.y + foot.height <= 2161 && foot.x + foot.width <= 3841);
    assert((await page.locator('.brand b').evaluate(b => b.getBoundingClientRect().height)) > 50);
  }));
}

test('what the mouse rests on is what is under it, however large', () => withPage('big', {}, async page => {
  await page.locator('.hints').waitFor();
  const { x, y, width, height } = await page.locator('#picture').boundingBox();
  await page.mouse.move(x + width * 0.25, y + height * 0.6);
  await page.locator('.tip', { hasText: 'node-1' }).waitFor();
  await page.mouse.move(x + width * 0.9, y + height * 0.6);
  await page.locator('.tip', { hasText: 'node-3' }).waitFor();
}));

test('saved as pixels it is what is on view, twice as fine', () => withPage('', {}, async page => {
  await speed(page, '10×');
  await apply(page);
  await typeUntil(page, 'kubectl get deployment web', /3\/3/);
  const [download] = await Promise.all([page.waitForEvent('download'), find(page, 'Save the picture (PNG)')]);
  assert.equal(download.suggestedFilename(), 'figure.png');
  const png = readFileSync(await download.path());
  assert.equal(png.toString('latin1', 1, 4), 'PNG');
  const { width, height } = await page.locator('#picture').boundingBox();
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [Math.round(width * 2), Math.round(height * 2)]);
  // All that is drawn: ready Pods in green, on the page's own ground.
  const colours = await page.evaluate(async bytes => {
    const picture = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
    const sheet = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
    sheet.drawImage(picture, 0, 0);
    const { data } = sheet.getImageData(0, 0, picture.width, picture.height);
    const count = {};
    for (let at = 0; at < data.length; at += 4) {
      const colour = data.slice(at, at + 4).join();
      count[colour] = (count[colour] ?? 0) + 1;
    }
    return count;
  }, [...png]);
  assert(colours['6,126,87,255'] > 500, 'the green of what is ready');
  assert(Object.keys(colours).every(colour => colour.endsWith(',255')), 'nothing shines through');
}));

test('on paper there is the picture alone, and it is light', () => withPage('', { colorScheme: 'dark' }, async page => {
  const shade = () => page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--canvas').trim());
  await type(page, 'kubectl get nodes');
  const dark = await shade();
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  assert.equal(await shade(), '#fbfcfd');
  const seen = await page.evaluate(() => [...document.querySelector('.app').children].filter(one => one.checkVisibility() && one.getBoundingClientRect().height > 1).map(one => one.className));
  assert.deepEqual(seen, ['top', 'pic']);
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  assert.equal(await shade(), dark);
}));

test('what is drawn bit by bit is what would be drawn at once', () => withPage('', {}, async page => {
  /// How many pixels are other ones than when this was last asked; -1 the first time.
  const kept = () => page.locator('#picture').evaluate(canvas => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const before = window.kept;
    window.kept = data;
    if (before?.length !== data.length) return -1;
    let other = 0;
    for (let at = 0; at < data.length; at += 4) {
      // As strong as it is seen: edges are smoothed a little otherwise where only a part is drawn.
      const differs = channel => Math.abs(data[at + channel] * data[at + 3] - before[at + channel] * before[at + 3]) > 64 * 255;
      if (differs(0) || differs(1) || differs(2) || differs(3)) other += 1;
    }
    return other;
  });
  await apply(page);
  await speed(page, '10×');
  const { x, y, width, height } = await page.locator('#picture').boundingBox();
  for (let n = 0; n < 30; n += 1) {
    await page.mouse.move(x + width * (0.2 + 0.02 * n), y + height * (0.3 + 0.01 * n));
    await page.waitForTimeout(100);
  }
  await page.mouse.wheel(0, -300);
  await page.mouse.down();
  await page.mouse.move(x + width / 2, y + height / 2, { steps: 5 });
  await page.mouse.up();
  await type(page, 'kubectl rollout restart deployment/web');
  await page.waitForTimeout(1500);
  await page.mouse.move(x - 20, y + 20);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.waitForTimeout(1500);
  assert.equal(await kept(), -1);
  // Another size and back: then all of it has been drawn anew.
  await page.setViewportSize({ width: 1300, height: 800 });
  await page.waitForTimeout(700);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.waitForTimeout(1500);
  const other = await kept();
  assert(other >= 0 && other < 20, `${other} pixels are other ones`);
}));
