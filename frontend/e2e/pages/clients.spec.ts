import { expect, test } from '../fixtures';

const sheetOf = (page: import('@playwright/test').Page, name: string) =>
  page.getByRole('complementary', { name });

test('every client shows how it stands, with its version', async ({ open }) => {
  const page = await open('gateway/connect');
  for (const [id, text] of [
    ['claude-code', 'Set up · 2.1.0'],
    ['codex', 'Old address'],
    ['gemini-cli', 'Set up by hand'],
    ['kilo-code', 'Changed by hand'],
    ['opencode', 'Points elsewhere'],
    ['qwen-code', 'Not installed'],
    ['crush', 'Not set up'],
    ['zed', 'Broken file'],
  ])
    await expect(page.getByTestId(`client-${String(id)}`)).toContainText(String(text));
  await expect(page.getByText('Settings files of ada-desktop')).toBeVisible();
});

test('the diff is shown before anything is written, and applied after a yes', async ({ open, mock }) => {
  const page = await open('gateway/connect');
  await page.getByRole('button', { name: /Crush/ }).click();
  const sheet = sheetOf(page, 'Crush');
  await expect(sheet.getByTestId('diff')).toContainText('~/.config/crush/settings.json');
  await expect(sheet.getByTestId('diff')).toContainText('+8 −1');
  await expect(sheet.getByRole('combobox', { name: 'Key' })).toContainText('a new one, “crush”');
  await expect(sheet).toContainText('/clients/backups/crush');
  expect(mock.verbs.model.calls).not.toContain('ClientApply');
  await sheet.getByRole('button', { name: 'Apply' }).click();
  const question = page.getByRole('dialog', { name: 'Set up Crush?' });
  await expect(question).toContainText('The client key “crush” is made for it.');
  await question.getByRole('button', { name: 'Cancel' }).click();
  expect(mock.verbs.model.calls).not.toContain('ClientApply');
  await sheet.getByRole('button', { name: 'Apply' }).click();
  await question.getByRole('button', { name: 'Write' }).click();
  await expect(page.getByText('Crush is set up')).toBeVisible();
  await expect(page.getByText(/The files as they were lie in ~.*backups\/crush/)).toBeVisible();
  await expect(sheet).toContainText('Nothing to change');
  await expect(sheet.getByRole('button', { name: 'Apply' })).toBeDisabled();
});

test('the models are chosen by keyboard, and the plan follows', async ({ open }) => {
  const page = await open('gateway/connect/crush');
  const sheet = sheetOf(page, 'Crush');
  const model = sheet.getByRole('combobox', { name: 'Model', exact: true });
  await expect(model).toHaveAttribute('placeholder', 'gemini-3.1-pro');
  await model.fill('flash');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('option', { name: /gemini-3-flash/ }).first()).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(model).toHaveValue(/gemini-3-flash/);
  await expect(sheet.getByTestId('diff')).toContainText('google/gemini-3-flash');
  await model.fill('my-own-model');
  await expect(sheet).toContainText('No account serves my-own-model now.');
  await model.press('Escape');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('dialog', { name: 'Set up Crush?' })).toBeVisible();
});

test('verify shows the call under way, then the answer', async ({ open }) => {
  const page = await open('gateway/connect/claude-code');
  const sheet = sheetOf(page, 'Claude Code');
  await sheet.getByRole('button', { name: 'Verify' }).click();
  await expect(sheet.getByTestId('verify-result')).toContainText('waiting for the answer');
  await expect(sheet.getByTestId('verify-answer')).toHaveText('Hello! How can I help you today?');
  await expect(sheet.getByTestId('verify-result')).toContainText("claude-code -p 'Say hello.'");
  await expect(sheet.getByTestId('verify-result')).toContainText('answered after 0.84 s');
});

test('verify tells what a wrong base URL got', async ({ open }) => {
  const page = await open('gateway/connect/kilo-code');
  const sheet = sheetOf(page, 'Kilo Code');
  await sheet.getByRole('button', { name: 'Verify' }).click();
  await expect(sheet.getByTestId('verify-result')).toContainText('enter http://127.0.0.1:8045 instead');
});

test('restore shows what it takes out, and does it', async ({ open }) => {
  const page = await open('gateway/connect/claude-code');
  const sheet = sheetOf(page, 'Claude Code');
  await expect(sheet.getByTestId('client-state')).toContainText('ANTHROPIC_API_KEY');
  await sheet.getByRole('button', { name: 'Restore' }).click();
  const question = page.getByRole('dialog', { name: 'Restore the settings of Claude Code?' });
  await expect(question.getByTestId('diff')).toContainText('"baseURL": "http://127.0.0.1:8045"');
  await question.getByRole('button', { name: 'Restore' }).click();
  await expect(page.getByText('The settings of Claude Code are as they were')).toBeVisible();
  await expect(sheet.getByRole('button', { name: 'Restore' })).toBeHidden();
});

test.describe('a file that cannot be read', () => {
  test.use({ tolerated: [/400/] });
  test('names the place and is left alone', async ({ open }) => {
    const page = await open('gateway/connect/zed');
    const sheet = sheetOf(page, 'Zed');
    await expect(sheet.getByRole('alert')).toContainText('~/.config/zed/settings.json');
    await expect(sheet.getByRole('alert')).toContainText(
      'Line 12, column 7: a comma is missing before this.',
    );
    await expect(sheet.getByRole('button', { name: 'Apply' })).toBeDisabled();
    await expect(sheet.getByRole('button', { name: 'Look again' })).toBeVisible();
  });
});

test.describe('read at another machine', () => {
  test.use({ tolerated: [/400/] });
  test('only what to enter by hand is offered, and why', async ({ open, mock }) => {
    mock.verbs.model.away = true;
    const page = await open('gateway/connect');
    await expect(page.getByText('offered at the machine of the gateway only')).toBeVisible();
    await page.getByRole('button', { name: /Kilo Code/ }).click();
    const sheet = sheetOf(page, 'Kilo Code');
    await expect(sheet).toContainText('http://127.0.0.1:8045');
    await expect(sheet.getByRole('button', { name: 'Apply' })).toBeHidden();
  });
});

test('snippets have the chosen language, key and model in them', async ({ open, page }) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await open('gateway/connect/openai-sdk');
  const sheet = sheetOf(page, 'OpenAI SDKs');
  await expect(sheet).toContainText('curl: http://127.0.0.1:8045/v1 sk-agt-YOUR-KEY gemini-3.1-pro');
  await sheet.getByRole('radio', { name: 'Python' }).click();
  await sheet.getByRole('combobox', { name: 'Key' }).click();
  await page.getByRole('option', { name: /laptop/ }).click();
  await sheet.getByRole('combobox', { name: 'Model' }).fill('gemini-3-flash');
  await page.keyboard.press('Escape');
  await expect(sheet).toContainText('python: http://127.0.0.1:8045/v1 sk-agt-7Qf2-0123456789 gemini-3-flash');
  await sheet.getByRole('button', { name: 'Copy OpenAI SDKs' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('sk-agt-7Qf2-0123456789');
});

test('the sheet steps through the clients by key, and the palette finds each', async ({ open }) => {
  const page = await open('gateway/connect/codex');
  await expect(sheetOf(page, 'Codex')).toBeVisible();
  await page.keyboard.press(']');
  await expect(sheetOf(page, 'Gemini CLI')).toBeVisible();
  await page.keyboard.press('[');
  await expect(sheetOf(page, 'Codex')).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Type a page or an action').fill('opencode');
  await page.keyboard.press('Enter');
  await expect(sheetOf(page, 'opencode')).toContainText('It points elsewhere: https://openrouter.ai/api/v1');
});
