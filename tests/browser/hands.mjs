// What a user's hands do on the page, by the names that a screen reader would say.

export const apply = page => page.getByRole('button', { name: 'Apply' }).click();

/// The editor's text, replaced as a paste would: CodeMirror takes the place of the plain field on first focus.
export async function write(page, text) {
  const editor = page.getByRole('textbox', { name: 'Manifest, YAML or JSON' });
  await editor.click();
  // Whoever has clicked types on without a pause: the caret must have gone along.
  await page.waitForFunction(() => document.querySelector('.host')?.shadowRoot?.activeElement?.matches('.cm-content'));
  await page.keyboard.press('Control+a');
  await page.locator('.host .cm-content').evaluate((content, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    content.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

export const editorText = page =>
  page.locator('.host .cm-content').evaluate(content => [...content.querySelectorAll('.cm-line')].map(line => line.textContent).join('\n'));

export const speed = (page, name) => page.getByRole('combobox', { name: 'Speed' }).selectOption({ label: name });

/// Types a line into the terminal and returns what it printed once it has ended.
export async function type(page, line) {
  const input = page.getByRole('textbox', { name: 'Command line' });
  const lines = page.getByRole('log', { name: 'Output of the terminal' }).locator(':scope > div');
  await input.fill(line);
  await input.press('Enter');
  await page.waitForFunction(typed => {
    const sent = [...document.querySelectorAll('[role=log] .sent')].at(-1);
    const prompt = document.querySelector('.ask .pr');
    return sent?.textContent === typed && prompt?.textContent === '$';
  }, line);
  const all = await lines.allTextContents();
  return all.slice(all.lastIndexOf(`$ ${line}`) + 1).join('\n');
}

/// Types a line again and again until what it prints is as wanted.
export async function typeUntil(page, line, wanted) {
  const patience = Date.now() + 30_000;
  for (;;) {
    const printed = await type(page, line);
    if (wanted.test(printed)) return printed;
    if (Date.now() > patience) throw new Error(`${line} never printed ${wanted}; at last:\n${printed}`);
  }
}

/// Selects an object by what the Find dialog finds first, or so many further down.
export async function find(page, name, down = 0) {
  await page.getByRole('button', { name: 'Find or do' }).click();
  await page.getByRole('dialog').getByRole('textbox').or(page.getByRole('combobox', { name: /find/i })).first().fill(name);
  for (let i = 0; i < down; i += 1) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
}

/// What the header says there is, such as '3 nodes, 4 Pods'.
export const counted = page => page.locator('.scene-name').textContent();

/// The page once more, in a browser that lets it keep nothing.
export async function refuseStorage(page) {
  await page.addInitScript(() => {
    for (const name of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(window, name, { get() { throw new DOMException('refused', 'SecurityError'); } });
    }
  });
  await page.reload();
  await page.locator('.app:not([aria-busy="true"])').waitFor();
}
