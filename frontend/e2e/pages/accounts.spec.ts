import { expect, test } from '../fixtures';

test('tells the state of each account and why', async ({ open }) => {
  const page = await open('accounts');
  const cooling = page.getByRole('row', { name: /personal-gemini/ });
  await expect(cooling).toContainText('Cooling');
  await expect(cooling).toContainText(/\d:\d\d left/);
  await cooling.click();
  const sheet = page.getByRole('complementary', { name: 'personal-gemini' });
  await expect(sheet).toContainText(/Cooling until \d\d:\d\d, \d:\d\d left/);
  await expect(sheet).toContainText('429 from gemini-3.1-pro');
  await sheet.getByRole('button', { name: 'Try now' }).click();
  await expect(cooling).toContainText('Ready');
});

test('is walked by keyboard', async ({ open }) => {
  const page = await open('accounts');
  await expect(page.getByRole('row', { name: /work-gemini/ })).toBeVisible();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('complementary', { name: 'personal-gemini' })).toBeVisible();
  await page.keyboard.press(']');
  await expect(page.getByRole('complementary', { name: 'team-proxy' })).toBeVisible();
  await page.keyboard.press('k');
  await expect(page.getByRole('complementary', { name: 'personal-gemini' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('complementary')).toBeHidden();
  await page.keyboard.press('/');
  await page.keyboard.type('spare');
  await expect(page.getByRole('row')).toHaveCount(2);
});

test('a refused key is not saved, and the reason stands in plain words', async ({ open, mock }) => {
  const page = await open('accounts');
  await page.getByRole('button', { name: 'Add account' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add account' });
  await expect(dialog.getByLabel('Name')).toBeFocused();
  await expect(dialog.getByRole('button', { name: 'Test and save' })).toBeDisabled();
  await expect(dialog.getByTestId('url-preview')).toContainText('/v1beta/models/');
  await dialog.getByLabel('Name').fill('mine');
  await dialog.getByLabel('API key').fill('AIza-fake-bad');
  await dialog.getByLabel('Base URL').fill('https://proxy.example/v1beta');
  await expect(dialog.getByTestId('url-preview')).toContainText('https://proxy.example');
  await dialog.getByRole('button', { name: 'Test and save' }).click();
  await expect(dialog.getByTestId('test-result')).toContainText('The provider refuses this key.');
  await expect(dialog.getByTestId('test-result')).toContainText('Copy the key again');
  expect(mock.verbs.model.accounts.some(({ name }) => name === 'mine')).toBe(false);
  await dialog.getByLabel('API key').fill('AIza-fake-good');
  await dialog.getByRole('button', { name: 'Test and save' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('row', { name: /mine/ })).toContainText('Ready');
  await expect(page.getByText('The key works: 3 models.')).toBeVisible();
});

test('disabling and removing can be undone', async ({ open }) => {
  const page = await open('accounts');
  const row = page.getByRole('row', { name: /work-gemini/ });
  await page.getByRole('switch', { name: 'Use work-gemini' }).click();
  await expect(row).toContainText('Disabled');
  await expect(page).toHaveURL(/#\/accounts$/);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(row).toContainText('Ready');
  await row.click();
  await page.getByRole('button', { name: 'Remove work-gemini' }).click();
  await expect(row).toBeHidden();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(row).toBeVisible();
});

test('what is left of a quota is shown by line of models, and when it is full again', async ({ open }) => {
  const page = await open('accounts');
  await expect(
    page.getByRole('row', { name: /free-tier/ }).getByRole('meter', { name: 'Gemini Flash' }),
  ).toHaveAttribute('aria-valuenow', '62');
  await page.getByRole('row', { name: /free-tier/ }).click();
  const sheet = page.getByRole('listitem');
  const pro = sheet.filter({ hasText: 'Gemini Pro' });
  await expect(pro).toContainText('0 % left');
  await expect(pro).toContainText('Full again');
  // Of models that are not alike each has its own number.
  await expect(sheet.filter({ hasText: 'Gemini Flash' })).toContainText('gemini-3-flash');
  await expect(sheet.filter({ hasText: 'Claude' })).not.toContainText('claude-opus-5');
});

test('an account that its owner has to verify leads to the page for it', async ({ open, mock }) => {
  const page = await open('accounts/acc-5');
  await expect(page.getByText('The provider refuses the key.')).toBeVisible();
  const link = 'https://accounts.google.com/signin/continue';
  mock.emit(
    'accounts',
    mock.verbs.model.accounts.map((account) =>
      account['id'] === 'acc-5' ? { ...account, provider: 'google', link } : account,
    ),
  );
  await expect(page.getByText('Its owner has to verify it with the provider.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Open the page' })).toHaveAttribute('title', link);
});

test('a live test says what happened', async ({ open }) => {
  const page = await open('accounts/acc-5');
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(page.getByTestId('test-result')).toContainText('The provider refuses this key.');
});

test('nothing found and nothing there are two things', async ({ open, mock }) => {
  const page = await open('accounts');
  await page.getByLabel('Filter by name, model').fill('zzz');
  await expect(page.getByText('No account matches the filter.')).toBeVisible();
  await page.getByRole('button', { name: 'Clear filter' }).last().click();
  await expect(page.getByRole('row', { name: /work-gemini/ })).toBeVisible();
  mock.verbs.model.accounts = [];
  mock.emit('accounts', []);
  await expect(page.getByText('No account yet.')).toBeVisible();
});

test('a provider’s own fields are shown: choices, and a key file', async ({ open, mock }) => {
  const page = await open('accounts/new/openai');
  const dialog = page.getByRole('dialog', { name: 'Add account' });
  await expect(dialog.getByRole('button', { name: /OpenAI and compatible/ })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await dialog.getByRole('combobox', { name: 'API' }).click();
  await page.getByRole('option', { name: 'Responses' }).click();
  await dialog.getByLabel('Name').fill('router');
  await dialog.getByLabel(/Base URL/).fill('http://127.0.0.1:11434/v1');
  await expect(dialog.getByTestId('url-preview')).toContainText('127.0.0.1:11434');
  await dialog.getByRole('button', { name: /Vertex AI/ }).click();
  await dialog.getByLabel('Name').fill('cloud');
  const key = '{\n  "type": "service_account"\n}\n';
  await dialog.getByLabel('File with the Service account (JSON)').setInputFiles({
    name: 'key.json',
    mimeType: 'application/json',
    buffer: Buffer.from(key),
  });
  await expect(dialog.getByLabel('Service account (JSON)', { exact: false }).last()).toHaveValue(key);
  await dialog.getByRole('button', { name: 'Test and save' }).click();
  await expect(page.getByText('cloud added')).toBeVisible();
  expect(mock.verbs.model.calls).toContain('AddAccount');
});

test('a file that is no credential is refused', async ({ open }) => {
  const page = await open('accounts/new/vertex');
  const dialog = page.getByRole('dialog', { name: 'Add account' });
  await dialog.getByLabel('File with the Service account (JSON)').setInputFiles({
    name: 'movie.json',
    mimeType: 'application/json',
    buffer: Buffer.alloc(70_000, 32),
  });
  await expect(dialog.getByRole('alert')).toHaveText('movie.json is too large to be a credential.');
});

test('what came of the test is in view, however long the form is', async ({ open, page }) => {
  await page.setViewportSize({ width: 900, height: 600 });
  await open('accounts/new/gemini');
  const dialog = page.getByRole('dialog', { name: 'Add account' });
  await dialog.getByLabel('Name').fill('x');
  await dialog.getByLabel('API key').fill('bad');
  await dialog.getByRole('button', { name: 'Test and save' }).click();
  await expect(dialog.getByText('The provider refuses this key.')).toBeInViewport({ ratio: 1 });
  await expect(dialog.getByText('Copy the key again from AI Studio')).toBeInViewport({ ratio: 1 });
});
