// The inside of a Pod: its containers with their probes, what they write, the files that they see, the way into a terminal.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { accessibilityProblems, withPage } from './browser.mjs';
import { find, speed, type, typeUntil } from './hands.mjs';

const OBJECTS = [
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { 'app.conf': 'level = info' } },
  { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'probed' }, spec: {
    initContainers: [{ name: 'prepare', image: 'busybox', command: ['echo', 'prepared'] }],
    containers: [
      {
        name: 'app', image: 'busybox', command: ['sh', '-c', 'i=0; while :; do i=$((i+1)); echo line $i; sleep 1; done'],
        readinessProbe: { exec: { command: ['cat', '/tmp/ready'] }, periodSeconds: 2 },
        resources: { limits: { memory: '32Mi', cpu: '100m' } }, volumeMounts: [{ name: 'settings', mountPath: '/etc/app' }],
      },
      { name: 'web', image: 'nginx' },
    ],
    volumes: [{ name: 'settings', configMap: { name: 'settings' } }],
  } },
];
/// The line that applies them.
const APPLY = `echo '${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: OBJECTS })}' | kubectl apply -f -`;
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

const inspector = page => page.locator('.right');
const card = (page, name) => inspector(page).locator(`.box[aria-label="${name}"]`);
const tab = (page, name) => inspector(page).getByRole('tab', { name, exact: true });

/// The Pod runs and is selected, and nothing lies over it.
async function select(page) {
  await speed(page, '5×');
  await type(page, APPLY);
  await typeUntil(page, 'kubectl get pod probed', /1\/2 +Running/);
  await find(page, 'probed');
  await card(page, 'app').waitFor();
}

/// The same on a phone, in any language, where only one panel is on view at a time.
async function selectByTouch(page) {
  const [picture, , terminal] = await page.locator('.tabbar button').all();
  await terminal.tap();
  await page.locator('#terminal').fill(APPLY);
  await page.keyboard.press('Enter');
  await page.locator('#picture > span[aria-label*="probed"]').waitFor({ state: 'attached' });
  await picture.tap();
  await page.locator('.field').tap();
  await page.getByRole('dialog').locator('input').fill('probed');
  await page.keyboard.press('Enter');
  await card(page, 'app').locator('.ticks').waitFor();
}

test('a card a container: what runs, what its probe says and said, what it uses, its processes', () => withPage('', {}, async page => {
  await select(page);
  assert.deepEqual(await inspector(page).locator('.box > .hat b').allTextContents(), ['prepare', 'app', 'web']);
  await card(page, 'prepare').getByText('Completed').waitFor();
  const app = card(page, 'app');
  await app.getByText("cat: can't open '/tmp/ready': No such file or directory").waitFor();
  await app.getByRole('img', { name: /^Last results of the readiness probe.* 0 passed, [1-9]/ }).waitFor();
  await inspector(page).getByText(/The readiness probe of container app fails/).waitFor();
  await app.locator('.gauges').getByText(/ of 32Mi/).waitFor();
  await app.getByText(/processes?$/).click();
  await app.getByRole('cell', { name: /^sh -c i=0/ }).waitFor();
  await type(page, 'kubectl exec probed -c app -- touch /tmp/ready');
  await app.getByText(/^It passes; the last time/).waitFor();
  await app.getByRole('img', { name: /[1-9]\d* passed/ }).waitFor();
  await inspector(page).getByRole('heading', { name: 'All is well' }).waitFor();
}));

test('logs stream; whoever has scrolled up keeps his place until he goes to the newest line', () => withPage('', {}, async page => {
  await select(page);
  await page.locator('#picture').focus();
  await page.keyboard.press('l');
  const log = inspector(page).getByRole('log', { name: 'Log of app' });
  await speed(page, '20×');
  await log.getByText(/line 80$/).waitFor();
  const atTheEnd = () => page.waitForFunction(() => { const out = document.querySelector('.written'); return out.scrollTop > 0 && out.scrollHeight - out.scrollTop - out.clientHeight < 24; });
  await atTheEnd();
  await log.evaluate(out => out.scrollTo(0, 90));
  const newest = inspector(page).getByRole('button', { name: 'To the newest line' });
  await newest.waitFor();
  await log.getByText(/line 130$/).waitFor({ state: 'attached' });
  assert.equal(await log.evaluate(out => out.scrollTop), 90);
  await newest.click();
  await atTheEnd();
  await log.getByText(/line 160$/).waitFor({ state: 'attached' });
  await atTheEnd();
  await inspector(page).getByRole('combobox', { name: 'Container' }).selectOption('prepare');
  await inspector(page).getByRole('log', { name: 'Log of prepare' }).getByText('prepared').waitFor();
  // Another kind of object has no logs: its first tab is shown, and the Pod's logs are there again.
  await find(page, 'node-1');
  await inspector(page).getByRole('tab', { name: 'Why', selected: true }).waitFor();
  assert.equal(await tab(page, 'Logs').count(), 0);
  await find(page, 'probed');
  await log.waitFor();
}));

test('the log of the life before, once there was one', () => withPage('', {}, async page => {
  await select(page);
  await tab(page, 'Logs').click();
  assert.equal(await inspector(page).getByRole('checkbox').count(), 0);
  await type(page, 'fault kill default/probed/app');
  const before = inspector(page).getByRole('checkbox', { name: 'before the restart' });
  await before.check();
  await inspector(page).getByRole('log').getByText(/line 1$/).waitFor({ state: 'attached' });
  await tab(page, 'Why').click();
  await inspector(page).getByRole('heading', { name: 'Why app was started again' }).waitFor();
  await card(page, 'app').getByText(/1 restart\..*exit code 137/).waitFor();
}));

test('files by keyboard: a mount is opened, a file is read, and one is back where one was', () => withPage('', {}, async page => {
  await select(page);
  await page.locator('#picture').focus();
  await page.keyboard.press('v');
  await inspector(page).getByRole('combobox', { name: 'Files of' }).selectOption('app');
  const mount = inspector(page).getByRole('button', { name: '/etc/app', exact: true });
  await mount.focus();
  await page.keyboard.press('Enter');
  const file = inspector(page).locator('[id="file:/etc/app:/etc/app/app.conf"]');
  await file.focus();
  await page.keyboard.press('Enter');
  await inspector(page).getByText('level = info').waitFor();
  await page.waitForFunction(() => document.activeElement.id === 'file-back');
  await type(page, `kubectl patch configmap settings -p '{"data":{"app.conf":"level = debug"}}'`);
  // It is the file itself that is read: the kubelet brings the new one in its own time.
  await speed(page, '20×');
  await inspector(page).getByText('level = debug').waitFor();
  await inspector(page).getByRole('button', { name: 'All files' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement.id === 'file:/etc/app:/etc/app/app.conf');
  await inspector(page).getByRole('button', { name: 'ConfigMap settings' }).click();
  await inspector(page).getByRole('heading', { level: 2, name: 'settings' }).waitFor();
}));

test('the way into a container: its line is begun in the terminal, and one goes on with it', () => withPage('', {}, async page => {
  await select(page);
  await card(page, 'app').getByRole('button', { name: 'kubectl exec -it probed -c app -- …' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement.id === 'terminal' && document.activeElement.value === 'kubectl exec -it probed -c app -- ');
  await page.keyboard.type('hostname');
  await page.keyboard.press('Enter');
  await page.getByRole('log', { name: 'Output of the terminal' }).getByText('probed', { exact: true }).waitFor();
}));

for (const [name, query, options] of [['light', '', { colorScheme: 'light' }], ['dark', '', { colorScheme: 'dark' }]]) {
  test(`axe finds nothing in cards, logs and files: ${name}`, () => withPage(query, options, async page => {
    await select(page);
    await card(page, 'app').getByText(/processes?$/).click();
    assert.deepEqual(await accessibilityProblems(page), []);
    await tab(page, 'Logs').click();
    await inspector(page).getByRole('log').waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    await tab(page, 'Files').click();
    await inspector(page).getByRole('button', { name: '/etc/app', exact: true }).or(inspector(page).locator('.tree button').first()).first().click();
    assert.deepEqual(await accessibilityProblems(page), []);
  }));
}

for (const [name, query, tabs] of [['a phone', '', ['Logs', 'Files']], ['a phone, in Korean', 'lang=ko', ['로그', '파일']]]) {
  test(`on ${name}: nothing is wider than the sheet, and axe finds nothing`, () => withPage(query, PHONE, async page => {
    await selectByTouch(page);
    const fits = async () => {
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
      assert(await page.evaluate(() => { const body = document.querySelector('.right .body'); return body.scrollWidth <= body.clientWidth; }));
      assert.deepEqual(await accessibilityProblems(page), []);
    };
    await fits();
    for (const name of tabs) {
      await tab(page, name).tap();
      await inspector(page).locator('.written, .tree').waitFor();
      await fits();
    }
  }));
}
