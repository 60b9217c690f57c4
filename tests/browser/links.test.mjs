// Links and files: another browser sees the same moment, and nobody loses anything by opening one.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { address, withPage } from './browser.mjs';
import { apply, counted, editorText, find, refuseStorage, speed, type, write } from './hands.mjs';

const POD = name => `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: app, image: nginx}]}\n`;
const CLIPBOARD = { permissions: ['clipboard-read', 'clipboard-write'] };
/// All three files are: the one that was written, and two of the samples.
const applied = page => page.waitForFunction(() => document.querySelector('.scene-name').textContent.includes('3 Pods'));
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const own = page => page.getByRole('button', { name: 'Back to my own' });
const everything = page => type(page, 'kubectl get pods -A -o wide --show-labels');
const linkTo = async page => {
  await press(page, 'Copy link');
  await page.getByRole('alert').getByText('The link is in the clipboard').waitFor();
  return page.evaluate(() => navigator.clipboard.readText());
};
/// In the same tab, without loading the page anew.
const goTo = (page, link) => page.evaluate(to => { location.href = to; }, link);

test('a copied link opens the same moment in another browser', async () => {
  let link;
  let here;
  await withPage('', CLIPBOARD, async page => {
    await write(page, POD('shared'));
    await speed(page, '10×');
    await apply(page);
    await applied(page);
    await press(page, 'Pause');
    await find(page, 'shared');
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    link = await linkTo(page);
    here = await everything(page);
  });
  assert.match(link, /#1\.[\w-]+$/);
  await withPage(`lang=en#${link.split('#')[1]}`, {}, async page => {
    await own(page).waitFor();
    await page.getByRole('complementary', { name: 'Inspector' }).getByRole('heading', { name: 'shared' }).waitFor();
    await applied(page);
    assert.equal(await page.getByRole('button', { name: 'Ownership' }).getAttribute('aria-pressed'), 'true');
    assert.match(await page.getByRole('textbox', { name: 'Manifest, YAML or JSON' }).inputValue(), /name: shared/);
    assert.equal(await everything(page), here, 'the same addresses, names and ages');
    await own(page).click();
    await own(page).waitFor({ state: 'detached' });
    assert.equal(await counted(page), '3 nodes, 0 Pods');
    assert.equal(new URL(page.url()).hash, '');
  });
});

for (const refused of [false, true]) {
  test(`a link in one's own tab takes nothing away${refused ? ', even where nothing can be kept' : ''}`, async () => {
    const kept = readFileSync(new URL('../links/0.1.0/shop.link', import.meta.url), 'utf8').trim();
    // The link is in Korean; who asks for English keeps it.
    await withPage('lang=en', {}, async page => {
      if (refused) await refuseStorage(page);
      await write(page, POD('mine'));
      await apply(page);
      await applied(page);
      await goTo(page, `#${kept}`);
      await own(page).waitFor();
      await page.waitForFunction(() => document.querySelector('.right').textContent.includes('web-'));
      assert.match(await editorText(page), /kind: Deployment/);
      await goTo(page, '#1.damaged');
      await page.getByRole('alert').getByText('damaged').waitFor();
      await page.goBack();
      await page.goBack();
      await own(page).waitFor({ state: 'detached' });
      assert.match(await editorText(page), /name: mine/);
      assert.match(await type(page, 'kubectl get pods'), /^mine /m);
    });
  });
}

test('a cluster saved as a file opens from it, and what is no cluster says so', () => withPage('', {}, async page => {
  await write(page, POD('filed'));
  await apply(page);
  await applied(page);
  const [download] = await Promise.all([page.waitForEvent('download'), find(page, 'Save as a file')]);
  assert.equal(download.suggestedFilename(), 'cluster.kubarium');
  const text = readFileSync(await download.path(), 'utf8');
  await page.getByRole('button', { name: 'New file' }).click();
  const drop = dropped => page.locator('.left .code').evaluate((code, given) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([given], 'cluster.kubarium'));
    code.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  }, dropped);
  await drop('["kubarium",1,');
  await page.getByRole('alert').getByText('Nothing of it could be opened').waitFor();
  await drop(text);
  await own(page).waitFor();
  assert.match(await editorText(page), /name: filed/);
  assert.match(await type(page, 'kubectl get pods'), /filed/);
}));

test('a broken link opens the page all the same', () => withPage('lang=en#1.eJw', {}, async page => {
  await page.getByRole('alert').getByText('damaged').waitFor();
  assert.equal(await own(page).count(), 0);
  assert.equal(await counted(page), '3 nodes, 0 Pods');
  assert.equal(page.url(), `${address}?lang=en`);
}));
