// Lessons: read beside the picture, done by hand or by a button, checked on the state, and nobody's own cluster is touched.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { accessibilityProblems, address, withPage } from './browser.mjs';
import { counted, speed, type } from './hands.mjs';

const LISTED = /\]\((.+)\/lesson\.en\.md\)/g;
const names = [...readFileSync(new URL('../../static/lessons/lessons.en.md', import.meta.url), 'utf8').matchAll(LISTED)].map(found => found[1]);
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const part = (page, n, of) => page.getByRole('tab', { name: `Lesson, ${n} of ${of}` }).waitFor();
const whole = page => page.locator('.goals li:not(.met)').first().waitFor({ state: 'detached' });

test('the first lesson, by hand: typed, applied, checked, undone, and one comes home', () => withPage('', {}, async page => {
  await press(page, 'Lessons');
  await page.getByRole('button', { name: /Your first Pod/ }).click();
  await part(page, 1, 6);
  await page.locator('.goals li:not(.met)').waitFor();
  await press(page, 'hello.yaml');
  await page.getByRole('button', { name: 'Apply' }).click();
  await whole(page);
  assert.equal(await counted(page), '3 nodes, 1 Pod');
  await press(page, 'Next');
  await part(page, 2, 6);
  await page.getByRole('button', { name: 'Run it: kubectl get pods -o wide' }).click();
  await whole(page);
  assert.equal(page.url(), `${address}#lesson/first-pod/2`);
  await press(page, 'Next');
  await type(page, 'kubectl delete pod hello');
  await press(page, 'Undo');
  await page.waitForFunction(() => document.querySelector('.scene-name').textContent.includes('1 Pod'));
  await press(page, 'Back to my own');
  assert.equal(await counted(page), '3 nodes, 0 Pods');
  assert.equal(new URL(page.url()).hash, '');
}));

test('a link leads into the middle of a lesson, and a reload stays there', () => withPage('lang=en#lesson/rollout/4', {}, async page => {
  await page.getByRole('heading', { name: 'Take it back' }).waitFor();
  await page.locator('.goals li:not(.met)').first().waitFor();
  assert.match(await type(page, 'kubectl get pods'), /ImagePullBackOff|ErrImagePull/);
  await press(page, 'Show me');
  await whole(page);
  await page.reload();
  await page.getByRole('heading', { name: 'Take it back' }).waitFor();
  await whole(page);
  assert.match(await type(page, 'kubectl get deployment web -o yaml'), /image: nginx:1\.28/);
  await press(page, '한국어');
  await page.getByRole('heading', { name: '되돌리기' }).waitFor();
  await page.goBack();
}));

for (const name of names) {
  test(`${name} can be done by its buttons alone`, () => withPage(`lang=en#lesson/${name}/1`, {}, async page => {
    await page.locator('.way').waitFor();
    const parts = await page.locator('.way li').count();
    await speed(page, '50×');
    for (let n = 1; n <= parts; n += 1) {
      await part(page, n, parts);
      const show = page.getByRole('button', { name: 'Show me', exact: true });
      if (await show.count()) {
        await show.click();
        await whole(page);
      }
      if (n < parts) await press(page, 'Next');
    }
    await page.locator('.foot').getByRole('button', { name: 'All lessons' }).click();
    await page.locator('.course em').first().waitFor();
  }));
}

test('at a thousand times no goal is missed, and the commands are counted', () => withPage('lang=en#lesson/jobs/1', {}, async page => {
  await page.locator('.goals').waitFor();
  await speed(page, '1000×');
  await press(page, 'Show me');
  await whole(page);
  await page.locator('.count', { hasText: /^\d+ commands?; “Show me” takes \d+$/ }).waitFor();
}));

test('a state that is there only for a moment counts at any speed', () => withPage('lang=en&lessons=mine/lessons.md', {
  answer: {
    'mine/lessons.md': '# Mine\n\n- [One](one/lesson.md)\n',
    'mine/one/lesson.md': '# One\n\n## Go\n\n```console\n$ kubectl run brief --image=busybox --restart=Never -- sleep 2\n```\n\n- [ ] It runs: `Pod/brief is Running`\n- [ ] It is done: `Pod/brief is Completed`\n',
  },
}, async page => {
  await page.getByRole('button', { name: 'One', exact: true }).click();
  await speed(page, '1000×');
  await page.getByRole('button', { name: /^Run it: kubectl run brief/ }).click();
  await whole(page);
  assert.equal(await page.locator('.count').textContent(), '1 command; “Show me” takes 1');
}));

for (const [name, query, options] of [
  ['light', 'lang=en', {}], ['dark', 'lang=en', { colorScheme: 'dark' }], ['Korean', 'lang=ko', {}],
  ['a phone', 'lang=en', { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }],
]) {
  test(`axe finds nothing in the list and in a lesson: ${name}`, () => withPage(`${query}&lessons=lessons`, options, async page => {
    await page.locator('.course').first().waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    await page.locator('.course button').first().click();
    await page.locator('.goals').waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
  }));
}

test("somebody's own lessons: what they hold stays text, and what is wrong is said", () => withPage('lang=en&lessons=mine/lessons.md', {
  answer: {
    'mine/lessons.md': '# <img src=x onerror=alert(1)>\n\n- [One](one/lesson.md)\n- [Two](two/lesson.md)\n- [Three](three/lesson.md)\n',
    'mine/one/lesson.md': '# One\n\n<script>alert(1)</script> [click](javascript:alert(1)) [file](a.yaml)\n\n## Go\n\n**<b onclick=alert(1)>**\n\n- [ ] `<i>`: `Pod/a is Ready`\n',
    'mine/one/a.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: app, image: nginx}]}\n',
    'mine/two/lesson.md': '# Two\n\n## Go\n\n- [ ] Nonsense: `Pot/a is Red`\n',
  },
}, async page => {
  await page.getByRole('heading', { name: '<img src=x onerror=alert(1)>' }).waitFor();
  await page.getByRole('button', { name: 'Two', exact: true }).click();
  await page.getByText('mine/two/lesson.md: Go: `Pot/a is Red`: no such kind: Pot').waitFor();
  await press(page, 'Close the lessons');
  await press(page, 'Lessons');
  await page.getByRole('button', { name: 'One', exact: true }).click();
  await page.getByText('<script>alert(1)</script>').waitFor();
  assert.equal(await page.locator('.learn :is(script, img, b[onclick], a)').count(), 0);
  await press(page, 'file');
  assert.match(await page.locator('.code textarea').inputValue(), /name: a\b/);
  await page.getByRole('button', { name: 'Apply' }).click();
  await whole(page);
}));
