// One Chromium for the tests of a file, and pages in it that tolerate nothing: an error in the console, a refusal by the
// page's own policy, a dialog, or a request that leaves this machine fails the test that caused it.
import { createRequire } from 'node:module';
import { after, before } from 'node:test';
import assert from 'node:assert/strict';

const need = name => {
  const value = process.env[name];
  assert(value, `${name} is not set: run these tests by \`cargo xtask test browser\``);
  return value;
};
const packages = createRequire(`${need('KUBARIUM_NODE_MODULES')}/`);
const { chromium } = packages('playwright-core');
export const address = need('KUBARIUM_ADDRESS');
/// How long something may keep a page waiting, in milliseconds: what never comes ends a test, not what comes late on a slow machine.
const PATIENCE = 60_000;

let browser;
before(async () => {
  browser = await chromium.launch({
    executablePath: need('KUBARIUM_CHROMIUM'),
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--force-color-profile=srgb'],
  });
});
after(() => browser?.close());

/// Opens the page and hands it to `act`; what went wrong in it meanwhile fails the test.
/// `first`: somebody who has never been here. `query` such as 'lang=ko'; `options` as Playwright's newContext, for instance `{ viewport, colorScheme }`. Requests for which
/// `hold` says yes are answered only once `act` calls its second argument; what `answer` has by its path is answered with that text.
export async function withPage(query, { hold, answer = {}, first = false, ...options }, act) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US', serviceWorkers: 'block', ...options });
  const wrong = [];
  let release;
  const held = new Promise(resolve => { release = resolve; });
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', event =>
      console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI} ${event.sample}`));
  });
  if (!first) await context.addInitScript(() => { try { localStorage.setItem('kubarium.greeted', 'yes'); } catch {} });
  // Not added as a script tag: the page's policy refuses those.
  await context.addInitScript({ path: packages.resolve('axe-core/axe.min.js') });
  await context.route('**', route => {
    const url = route.request().url();
    const text = answer[url.slice(address.length)];
    if (text !== undefined) return route.fulfill({ body: text, contentType: 'text/plain; charset=utf-8' });
    if (hold?.(route.request())) return held.then(() => route.continue());
    if (url.startsWith(address) || url.startsWith('data:') || url.startsWith('blob:')) return route.continue();
    wrong.push(`a request to ${url}`);
    return route.abort();
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.on('console', message => { if (message.type() === 'error') wrong.push(`console: ${message.text()}`); });
  page.on('pageerror', error => wrong.push(`error: ${error.stack ?? error}`));
  page.on('dialog', dialog => { wrong.push(`dialog: ${dialog.message()}`); return dialog.dismiss(); });
  try {
    await page.goto(query ? `${address}?${query}` : address);
    await page.locator('.app:not([aria-busy="true"])').waitFor();
    await act(page, release);
    if (await page.evaluate(() => globalThis.kubarium?.waited?.includes(0))) wrong.push('the page stood still for the rest of the program: what opens it calls something of that');
    assert.deepEqual(wrong, []);
  } catch (problem) {
    if (process.env.KUBARIUM_PICTURES) await page.screenshot({ path: `${process.env.KUBARIUM_PICTURES}/failed-${Date.now()}.png` });
    if (wrong.length && problem.code !== 'ERR_ASSERTION') problem.message += `\nand before that: ${wrong.join('\n')}`;
    throw problem;
  } finally {
    await context.close();
  }
}

/// A page that is not ours, for what others do with ours; what goes wrong in it is added to the second argument.
export async function withBrowser(act) {
  const context = await browser.newContext();
  const wrong = [];
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.on('console', message => { if (message.type() === 'error') wrong.push(`console: ${message.text()}`); });
  page.on('pageerror', error => wrong.push(`error: ${error.stack ?? error}`));
  try {
    await act(page, wrong);
  } catch (problem) {
    if (wrong.length) problem.message += `\nand before that: ${wrong.join('\n')}`;
    throw problem;
  } finally {
    await context.close();
  }
}

/// What axe finds wrong by WCAG 2.2 AA, a line each. It judges what has come to rest: halfway through its fading in every text is
/// too pale. What moves for ever is not waited for.
export async function accessibilityProblems(page) {
  await page.evaluate(() => Promise.allSettled(document.getAnimations()
    .filter(animation => animation.effect?.getComputedTiming().endTime < Infinity)
    .map(animation => animation.finished)));
  const { violations } = await page.evaluate(() =>
    axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  return violations.flatMap(({ id, help, nodes }) => nodes.map(node => `${id}: ${help}: ${node.target.join(' ')}`));
}
