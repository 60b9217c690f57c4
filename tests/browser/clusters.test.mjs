// One's own clusters by name: kept, opened, changed, duplicated, deleted and had back; also where nothing can be kept.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { accessibilityProblems, address, withPage } from './browser.mjs';
import { apply, find, refuseStorage, type, typeUntil, write } from './hands.mjs';

const POD = name => `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: app, image: nginx}]}\n`;
const CUSTOM = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.sea.example.com}
spec:
  group: sea.example.com
  scope: Namespaced
  names: {plural: boats, singular: boat, kind: Boat}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`;
const dialog = page => page.getByRole('dialog', { name: 'My clusters' });
const show = page => find(page, 'My clusters');
const own = page => page.getByRole('button', { name: 'Back to my own' });
const names = page => dialog(page).locator('li b').allTextContents();
const press = (page, name) => dialog(page).getByRole('button', { name, exact: true }).click();
const open = (page, name) => dialog(page).getByRole('button', { name: `Open ${name}` }).click();
const keep = async (page, name) => {
  await show(page);
  await dialog(page).getByRole('textbox', { name: 'Name of what is on view' }).fill(name);
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText(`Kept as “${name}”`).waitFor();
};

for (const refused of [false, true]) {
  test(`kept by name, opened, changed and had back${refused ? ', even where nothing can be kept' : ''}`, () => withPage('lang=en', {}, async page => {
    if (refused) await refuseStorage(page);
    await write(page, POD('first'));
    await apply(page);
    await typeUntil(page, 'kubectl get pod first', /Running/);
    await keep(page, 'harbour');
    if (refused) await dialog(page).getByText('for as long as this tab is open').waitFor();
    await page.keyboard.press('Escape');
    await type(page, 'kubectl delete pod first --grace-period=0 --force');
    await show(page);
    await open(page, 'harbour');
    await own(page).waitFor();
    assert.match(page.url(), /#mine\/1$/);
    await page.locator('.scene-name', { hasText: 'harbour · 3 nodes, ' }).waitFor();
    assert.match(await typeUntil(page, 'kubectl get pods', /first/), /Running/);
    await type(page, 'kubectl create configmap cargo');
    await own(page).click();
    await own(page).waitFor({ state: 'detached' });
    assert.doesNotMatch(await type(page, 'kubectl get pods'), /first/);
    await show(page);
    await open(page, 'harbour');
    await own(page).waitFor();
    await typeUntil(page, 'kubectl get configmaps', /cargo/);
    if (!refused) {
      await page.reload();
      await page.locator('.app:not([aria-busy="true"])').waitFor();
      await page.locator('.scene-name', { hasText: 'harbour' }).waitFor();
      await typeUntil(page, 'kubectl get configmaps', /cargo/);
    }
  }));
}

test('what is undone and done otherwise is kept', () => withPage('lang=en', {}, async page => {
  await keep(page, 'crossroads');
  await open(page, 'crossroads');
  await own(page).waitFor();
  await page.locator('#picture').focus();
  await page.keyboard.press('Space');
  await type(page, 'kubectl create configmap left');
  await page.locator('#picture').focus();
  await page.keyboard.press('Control+z');
  await type(page, 'kubectl create configmap right');
  await own(page).click();
  await own(page).waitFor({ state: 'detached' });
  await show(page);
  await open(page, 'crossroads');
  await own(page).waitFor();
  assert.doesNotMatch(await typeUntil(page, 'kubectl get configmaps', /right/), /left/);
}));

test('renamed, duplicated, deleted and restored, by keyboard too', () => withPage('lang=en', {}, async page => {
  await keep(page, 'one');
  await press(page, 'Duplicate one');
  assert.deepEqual(await names(page), ['one 2', 'one']);
  await press(page, 'Rename one 2');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('<b>two</b>');
  await page.keyboard.press('Enter');
  assert.deepEqual(await names(page), ['<b>two</b>', 'one']);
  await press(page, 'Rename one');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('nothing');
  await page.keyboard.press('Escape');
  assert.deepEqual(await names(page), ['<b>two</b>', 'one'], 'Escape leaves the name and the dialog');
  await dialog(page).getByRole('button', { name: 'Delete one', exact: true }).focus();
  await page.keyboard.press('Enter');
  assert.deepEqual(await names(page), ['<b>two</b>']);
  await dialog(page).getByRole('button', { name: 'Undo' }).click();
  assert.deepEqual(await names(page), ['<b>two</b>', 'one']);
  assert.deepEqual(await accessibilityProblems(page), []);
  await page.keyboard.press('Escape');
  await page.evaluate(to => { location.href = to; }, '#mine/77');
  await page.getByRole('alert').getByText('no such cluster').waitFor();
  assert.equal(page.url(), `${address}?lang=en`);
}));

for (const [name, options] of [['dark', { colorScheme: 'dark' }], ['a phone', { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }]]) {
  test(`in Korean, ${name}`, () => withPage('lang=ko', options, async page => {
    await page.getByRole('button', { name: '찾기' }).first().click();
    await page.getByRole('dialog').getByRole('combobox').fill('내 클러스터(');
    await page.keyboard.press('Enter');
    const here = page.getByRole('dialog', { name: '내 클러스터' });
    await here.getByRole('button', { name: '지금 보이는 것 보관' }).click();
    await here.getByRole('button', { name: '내 클러스터 복제' }).click();
    await here.getByRole('button', { name: '내 클러스터 2 삭제' }).waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  }));
}

test('a link that has an object of a custom kind selected opens on it', async () => {
  let link;
  await withPage('lang=en', { permissions: ['clipboard-read', 'clipboard-write'] }, async page => {
    await write(page, CUSTOM);
    await apply(page);
    await typeUntil(page, 'kubectl get crd boats.sea.example.com', /boats/);
    await write(page, 'apiVersion: sea.example.com/v1\nkind: Boat\nmetadata: {name: nutshell}\n');
    await apply(page);
    await typeUntil(page, 'kubectl get boats', /nutshell/);
    await find(page, 'nutshell');
    await page.getByRole('complementary', { name: 'Inspector' }).getByRole('heading', { name: 'nutshell' }).waitFor();
    await page.getByRole('button', { name: 'Copy link' }).click();
    await page.getByRole('alert').getByText('The link is in the clipboard').waitFor();
    link = await page.evaluate(() => navigator.clipboard.readText());
  });
  await withPage(`lang=en#${link.split('#')[1]}`, {}, async page => {
    await page.getByRole('complementary', { name: 'Inspector' }).getByRole('heading', { name: 'nutshell' }).waitFor();
  });
});
