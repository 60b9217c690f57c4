// What the page looks like, against pictures kept from before: every lens, panel and dialog, both themes and languages, phones to projectors.
// The pictures are small and compared by the mean colour of squares, so that another machine's fonts are no difference and
// whatever has moved, vanished or changed colour is one. `UPDATE_EXPECT=1` keeps what is seen now; look at it before it is committed.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { withPage } from './browser.mjs';
import { find, type } from './hands.mjs';

const KEPT = new URL('../golden/', import.meta.url);
const FAILED = new URL('../../target/golden/', import.meta.url);
/// The width of a kept picture, and the side of a square, in pixels of it.
const WIDTH = 480;
const SQUARE = 6;
/// By so much of 255 a square may differ in its mean, and such a share of all squares may differ by more.
const LEVELS = 24;
const SHARE = 0.004;
/// Of Korean, whose letters each system draws in its own face.
const KOREAN_SHARE = 0.03;

/// The town's cluster half a minute after it was applied, and one second after a node has lost its power (docs/link-format.md).
const LINK = (() => {
  const town = readFileSync(new URL('town.yaml', KEPT), 'utf8');
  const done = [[1000, 'write', 'town.yaml', town], [1000, 'run', 'kubectl apply -f town.yaml'], [25_000, 'run', 'kubectl get pods -o wide'], [30_000, 'fault', 'power-off', 'node-3']];
  const lines = [['kubarium', 1, { entries: done.length, now: 31_000, end: 40_000 }], ...done];
  return `1.${deflateSync(lines.map(line => `${JSON.stringify(line)}\n`).join('')).toString('base64url')}`;
})();
const STILL = { reducedMotion: 'reduce' };
const PHONE = { ...STILL, viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
const press = (page, name) => page.getByRole('button', { name, exact: true }).first().click();

/// Makes a picture small, in the page: its policy lets it read what is its own.
const reduce = (page, png, width) => page.evaluate(async ([base64, width]) => {
  const bytes = Uint8Array.from(atob(base64), c => c.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const canvas = new OffscreenCanvas(width, Math.round(image.height * width / image.width));
  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const small = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/webp', quality: 0.7 })).arrayBuffer());
  return btoa(Array.from(small, byte => String.fromCharCode(byte)).join(''));
}, [png.toString('base64'), width]);

/// The share of squares that differ, and whether the sizes do.
const compare = (page, before, now) => page.evaluate(async ([before, now, square, levels]) => {
  const pixels = async base64 => {
    const image = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), c => c.charCodeAt(0))], { type: 'image/webp' }));
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, image.width, image.height);
  };
  const [a, b] = [await pixels(before), await pixels(now)];
  if (a.width !== b.width || a.height !== b.height) return 1;
  let all = 0;
  let other = 0;
  for (let y = 0; y + square <= a.height; y += square) {
    for (let x = 0; x + square <= a.width; x += square) {
      const sums = [0, 0, 0];
      for (let i = 0; i < square * square; i += 1) {
        const at = ((y + Math.floor(i / square)) * a.width + x + i % square) * 4;
        for (let part = 0; part < 3; part += 1) sums[part] += a.data[at + part] - b.data[at + part];
      }
      all += 1;
      if (sums.some(sum => Math.abs(sum) / square ** 2 > levels)) other += 1;
    }
  }
  return other / all;
}, [before.toString('base64'), now.toString('base64'), SQUARE, LEVELS]);

/// What is seen once nothing changes any more.
async function still(page) {
  let last;
  for (;;) {
    const now = await page.screenshot({ animations: 'disabled', caret: 'hide' });
    if (last?.equals(now)) return now;
    last = now;
    await page.waitForTimeout(150);
  }
}

async function looksAsBefore(page, name) {
  const now = Buffer.from(await reduce(page, await still(page), Math.min(WIDTH, page.viewportSize().width)), 'base64');
  const file = new URL(`${name}.webp`, KEPT);
  if (process.env.UPDATE_EXPECT) {
    mkdirSync(KEPT, { recursive: true });
    if (!existsSync(file) || await compare(page, readFileSync(file), now) > SHARE / 4) writeFileSync(file, now);
    return;
  }
  assert(existsSync(file), `tests/golden/${name}.webp is not there: UPDATE_EXPECT=1 keeps what is seen now`);
  const share = await compare(page, readFileSync(file), now);
  if (share <= (name.startsWith('korean') ? KOREAN_SHARE : SHARE)) return;
  mkdirSync(FAILED, { recursive: true });
  writeFileSync(new URL(`${name}.webp`, FAILED), now);
  assert.fail(`${name}: ${(share * 100).toFixed(1)} % of it are not as in tests/golden; what was seen is in target/golden`);
}

/// The last that happens is that a node loses its power.
const told = place => place.locator('[id^="symbol-"][aria-label*="Powered off"]').waitFor({ state: 'attached' });
/// The town, standing still.
const withTown = (query, options, act) => withPage(`${query}#${LINK}`, { ...STILL, ...options }, async page => {
  await told(page);
  await act(page);
});
const key = (page, ...keys) => keys.reduce((before, one) => before.then(() => page.keyboard.press(one)), Promise.resolve());
/// What is typed from here on is for the page, not for a field.
const leaveFields = page => page.locator('#picture').focus();
const name = parts => parts.join('-').toLowerCase();

for (const theme of ['light', 'dark']) {
  test(`every lens, ${theme}`, () => withTown('lang=en', { colorScheme: theme }, async page => {
    for (const lens of ['Cluster', 'Ownership', 'Network', 'List']) {
      await press(page, lens);
      await looksAsBefore(page, name([lens, theme]));
    }
  }));

  test(`a Pod from within, ${theme}`, () => withTown('lang=en', { colorScheme: theme }, async page => {
    await find(page, 'crash');
    await leaveFields(page);
    for (const [pressed, tab] of Object.entries({ w: 'why', e: 'events', y: 'yaml', h: 'history', l: 'logs', v: 'files' })) {
      await key(page, pressed);
      await looksAsBefore(page, name(['pod', tab, theme]));
    }
  }));
}

test('every dialog', () => withTown('lang=en', {}, async page => {
  const shown = async dialog => {
    await page.getByRole('dialog').waitFor();
    // A figure has the town once more.
    if (dialog === 'figure') await told(page.frameLocator('iframe'));
    await looksAsBefore(page, name(['dialog', dialog]));
    await key(page, 'Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await leaveFields(page);
  };
  await leaveFields(page);
  await key(page, '/');
  await shown('find');
  await key(page, '?');
  await shown('keys');
  for (const [dialog, words] of Object.entries({ samples: 'Open the samples', ledger: 'What is simulated', clusters: 'My clusters', figure: 'Make a figure for an article' })) {
    await find(page, words);
    await shown(dialog);
  }
}));

test('why something waits, what a terminal answers, a lesson beside it', () => withTown('lang=en', {}, async page => {
  await find(page, 'large');
  await looksAsBefore(page, 'pending');
  await type(page, 'kubectl get pods');
  await looksAsBefore(page, 'terminal');
  await press(page, 'Lessons');
  await page.getByRole('button', { name: /first Pod/i }).first().waitFor();
  await looksAsBefore(page, 'lessons');
}));

test('in Korean', () => withTown('lang=ko', {}, async page => {
  await looksAsBefore(page, 'korean');
  await leaveFields(page);
  await key(page, '/');
  await page.keyboard.type('large');
  await key(page, 'Enter');
  await looksAsBefore(page, 'korean-pending');
}));

test('on a phone, every panel', () => withTown('lang=en', PHONE, async page => {
  for (const panel of ['Picture', 'YAML', 'Terminal', 'List']) {
    await page.getByRole('navigation', { name: 'Panels' }).getByRole('button', { name: panel }).tap();
    await looksAsBefore(page, name(['phone', panel]));
  }
}));

for (const [screen, viewport] of Object.entries({ tablet: { width: 820, height: 1180 }, projector: { width: 3840, height: 2160 } })) {
  test(`on a ${screen}`, () => withTown('lang=en', { viewport }, async page => {
    await looksAsBefore(page, screen);
    await leaveFields(page);
    await key(page, 'p');
    await looksAsBefore(page, name([screen, 'large']));
  }));
}

test('an empty cluster, at its first moment', () => withPage('lang=en&intro=no', STILL, async page => {
  await press(page, 'Pause');
  await leaveFields(page);
  await key(page, '0');
  await page.getByText('0:00', { exact: true }).first().waitFor();
  await looksAsBefore(page, 'empty');
}));
