// What hands do in the picture is what a command line does: it is told, it is in the terminal, and it can be taken back.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { accessibilityProblems, withPage } from './browser.mjs';
import { apply, find, speed, type, typeUntil } from './hands.mjs';

const toast = page => page.getByRole('alert').locator('.toast');
const sent = page => page.getByRole('log', { name: 'Output of the terminal' }).locator('.sent').last();
const ready = page => typeUntil(page, 'kubectl get deployment web', /3\/3/);

/// Where the tip tells this, from the lower right corner of a part of the picture upwards: shares of its width and height.
async function spot(page, text, [left, top, right, bottom]) {
  const { x, y, width, height } = await page.locator('#picture').boundingBox();
  for (let row = y + height * bottom; row > y + height * top; row -= 16) {
    for (let column = x + width * right; column > x + width * left; column -= 18) {
      await page.mouse.move(column, row);
      const told = await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(document.querySelector('.tip')?.textContent ?? '')))));
      if (told.includes(text)) return { x: column, y: row };
    }
  }
  throw new Error(`nothing in the picture says ${text}`);
}

test('a node is switched off at its tank, and that is taken back by a button and by a key', () => withPage('', {}, async page => {
  await find(page, 'node-1');
  const at = await spot(page, 'fault power-off node-1', [0.1, 0.7, 0.4, 0.86]);
  await page.mouse.click(at.x, at.y);
  await toast(page).getByText('fault power-off node-1').waitFor();
  await sent(page).getByText('fault power-off node-1').waitFor();
  await spot(page, 'fault power-on node-1', [0.1, 0.7, 0.4, 0.86]);
  assert.deepEqual(await accessibilityProblems(page), []);
  await toast(page).getByRole('button', { name: 'Undo' }).click();
  await toast(page).getByText('Taken back: fault power-off node-1').waitFor();
  assert.match(await type(page, 'kubectl get nodes'), /node-1 +Ready[\s\S]*node-2 +Ready/);
  await type(page, 'kubectl cordon node-2');
  await page.locator('#picture').focus();
  await page.keyboard.press('Control+z');
  await toast(page).getByText('Taken back: kubectl cordon node-2').waitFor();
  assert.doesNotMatch(await type(page, 'kubectl get nodes'), /SchedulingDisabled/);
  await page.getByRole('button', { name: 'The other future' }).waitFor();
}));

test('cable, tape and lid: each chip is its line', () => withPage('', {}, async page => {
  await type(page, 'kubectl taint nodes node-3 dedicated=batch:NoSchedule');
  await find(page, 'node-3');
  const lid = await spot(page, 'kubectl taint nodes node-3 dedicated=batch:NoSchedule-', [0.7, 0.15, 0.98, 0.4]);
  await page.mouse.click(lid.x, lid.y);
  await sent(page).getByText('NoSchedule-').waitFor();
  await typeUntil(page, 'kubectl describe node node-3', /Taints: +<none>/);
  const tape = await spot(page, 'kubectl cordon node-3', [0.7, 0.7, 1, 0.86]);
  await page.mouse.click(tape.x, tape.y);
  await typeUntil(page, 'kubectl get nodes', /node-3 +Ready,SchedulingDisabled/);
  const cable = await spot(page, 'fault cut node-3', [0.7, 0.7, 1, 0.86]);
  await page.mouse.click(cable.x, cable.y);
  await speed(page, '20×');
  await typeUntil(page, 'kubectl get nodes', /node-3 +NotReady/);
}));

test('a Deployment is scaled by dragging its number, a step at a time by its signs', () => withPage('', {}, async page => {
  await speed(page, '10×');
  await apply(page);
  await ready(page);
  await find(page, 'web');
  await page.locator('#picture').focus();
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await page.waitForTimeout(900);
  const grip = await spot(page, 'kubectl scale deployment web --replicas=3', [0, 0.05, 0.22, 0.25]);
  await page.mouse.move(grip.x, grip.y);
  await page.mouse.down();
  await page.mouse.move(grip.x + 57, grip.y, { steps: 6 });
  await page.locator('.tip', { hasText: '--replicas=5' }).waitFor();
  await page.mouse.up();
  await typeUntil(page, 'kubectl get deployment web', /5\/5/);
  const fewer = await spot(page, 'kubectl scale deployment web --replicas=4', [0, 0.05, 0.22, 0.4]);
  await page.mouse.click(fewer.x, fewer.y);
  await typeUntil(page, 'kubectl get deployment web', /4\/4/);
  await page.keyboard.press('Escape');
  await find(page, 'Take back the last order');
  await toast(page).getByText('Taken back: kubectl get deployment web').waitFor();
}));

test('a Pod hangs and is mended, traffic is sent to its Service, a node is added: where they stand', () => withPage('', {}, async page => {
  await speed(page, '5×');
  await apply(page);
  await ready(page);
  // The Deployment of that name is found first.
  await find(page, 'web', 1);
  const more = await spot(page, 'kubectl create deployment ask-web', [0.6, 0.05, 1, 0.35]);
  await page.mouse.click(more.x, more.y);
  await typeUntil(page, 'kubectl get deployment ask-web', /1\/1/);
  await spot(page, 'kubectl scale deployment ask-web --replicas=2', [0.6, 0.05, 1, 0.35]);
  const pod = (await type(page, 'kubectl get pods -l app=web -o name')).split('\n')[0].replace('pod/', '');
  await find(page, pod);
  const hang = await spot(page, `fault hang default/${pod}/nginx`, [0.1, 0.3, 1, 0.8]);
  await page.mouse.click(hang.x, hang.y);
  await typeUntil(page, 'kubectl get deployment web', /2\/3/);
  const mend = await spot(page, `fault mend default/${pod}/nginx`, [0.1, 0.3, 1, 0.8]);
  await page.mouse.click(mend.x, mend.y);
  await typeUntil(page, 'kubectl get deployment web', /3\/3/);
  await find(page, 'node-3');
  const another = await spot(page, 'machine add --like node-3', [0.7, 0.7, 1, 0.86]);
  await page.mouse.click(another.x, another.y);
  await typeUntil(page, 'kubectl get nodes', /node-4 +Ready/);
  await page.locator('.scene-name', { hasText: '4 nodes' }).waitFor();
}));

test('the same without a pointer: the inspector has every line', () => withPage('', {}, async page => {
  await type(page, 'kubectl label node node-2 disk=ssd');
  await find(page, 'node-2');
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  for (const line of ['fault power-off node-2', 'fault cut node-2', 'kubectl cordon node-2', 'kubectl label node node-2 disk-']) {
    await inspector.getByRole('button', { name: line }).waitFor();
  }
  await inspector.getByRole('button', { name: 'kubectl label node node-2 disk-' }).focus();
  await page.keyboard.press('Enter');
  await toast(page).getByText('kubectl label node node-2 disk-').waitFor();
  assert.doesNotMatch(await type(page, 'kubectl get nodes --show-labels'), /disk=ssd/);
}));

test('in Korean, by touch, on a phone', () => withPage('lang=ko', { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }, async page => {
  await page.touchscreen.tap(180, 230);
  const line = page.locator('.right').getByRole('button', { name: 'fault power-off node-1' });
  await line.scrollIntoViewIfNeeded();
  await line.tap();
  await toast(page).getByRole('button', { name: '되돌리기' }).tap();
  await toast(page).getByText('되돌렸습니다: fault power-off node-1').waitFor();
}));
