import { expect, test } from '../fixtures';

test('shows where each protocol is, and copies it', async ({ open, page }) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await open();
  await expect(page.getByTestId('base-openai')).toHaveText('http://127.0.0.1:8045/v1');
  await expect(page.getByTestId('base-anthropic')).toHaveText('http://127.0.0.1:8045');
  await expect(page.getByTestId('base-gemini')).toHaveText('http://127.0.0.1:8045');
  await page.getByRole('button', { name: 'Copy OpenAI base URL' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('http://127.0.0.1:8045/v1');
});

test('copies without the clipboard interface, as on a plain-http page of the LAN', async ({ open, page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(navigator, 'clipboard', { value: undefined });
    document.addEventListener('copy', () => {
      document.body.dataset['copied'] = document.getSelection()?.toString() ?? '';
      const field = document.activeElement;
      if (field instanceof HTMLTextAreaElement) document.body.dataset['copied'] = field.value;
    });
  });
  await open();
  await page.getByRole('button', { name: 'Copy Gemini base URL' }).click();
  await expect(page.locator('body')).toHaveAttribute('data-copied', 'http://127.0.0.1:8045');
});

test('tells a taken port, who holds it, and moves with one click', async ({ open, mock }) => {
  Object.assign(mock.verbs.model.server, {
    state: 'failed',
    error: {
      code: 'port_taken',
      message: 'Port 8045 is taken by nginx (pid 12).',
      hint: 'End it, or use 8046.',
      port: 8045,
      next_free_port: 8046,
    },
  });
  const page = await open();
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('Port 8045 is taken by nginx (pid 12).');
  await page.getByRole('button', { name: 'Use port 8046' }).first().click();
  await expect(page.getByTestId('base-openai')).toHaveText('http://127.0.0.1:8046/v1');
  await expect(page.getByTestId('status-block')).toContainText('127.0.0.1:8046');
});

test('shows the addresses of the LAN with a QR code', async ({ open }) => {
  const page = await open();
  await expect(page.getByTestId('lan-addresses')).toContainText('http://192.168.1.24:8045');
  await expect(page.getByTestId('lan-addresses')).toContainText('wlan0');
  await page.getByRole('button', { name: 'Show the QR code of http://192.168.1.24:8045' }).click();
  await expect(page.getByRole('img', { name: 'QR code of http://192.168.1.24:8045' })).toBeVisible();
});

test('fixes what needs attention with one click', async ({ open, mock }) => {
  const page = await open();
  const item = page.getByRole('listitem').filter({ hasText: 'free-tier is out of quota' });
  await item.getByRole('button', { name: 'Try now' }).click();
  await expect(item).toBeHidden();
  expect(mock.verbs.model.calls).toContain('TryAccountNow');
});

test('follows the live state', async ({ open, mock }) => {
  const page = await open();
  await expect(page.getByTestId('pool-ready')).toContainText('2');
  const account = mock.verbs.model.accounts[0];
  if (!account) throw new Error('no account');
  account.state = 'cooling';
  mock.verbs.tellState();
  await expect(page.getByTestId('pool-ready')).toContainText('1');
  await page.getByTestId('pool-cooling').click();
  await expect(page.getByRole('radio', { name: /Cooling/ })).toBeChecked();
});

test('opens a recent request in Traffic', async ({ open }) => {
  const page = await open();
  await page.getByRole('row', { name: /Codex/ }).click();
  await expect(page).toHaveURL(/#\/traffic\/req-/);
  await expect(page.getByRole('heading', { name: 'Attempts' })).toBeVisible();
});

test.describe('on the first run', () => {
  test.use({ firstRun: true });

  test('the steps tick themselves', async ({ open, mock }) => {
    const page = await open();
    await expect(page.getByTestId('step-add_account')).toHaveAttribute('data-done', 'false');
    await expect(page.getByTestId('step-start_server')).toHaveAttribute('data-done', 'true');
    await expect(page.getByText('Loopback answers', { exact: true })).toBeVisible();
    await page.getByRole('button', { name: 'Gemini API' }).click();
    await page.getByLabel('Name', { exact: false }).and(page.locator('[name=name]')).fill('first');
    await page.getByLabel('API key').fill('AIza-fake-good');
    await page.getByRole('button', { name: 'Test and save' }).click();
    await expect(page.getByRole('dialog')).toBeHidden();
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    await expect(page.getByTestId('step-add_account')).toHaveAttribute('data-done', 'true');
    expect(mock.verbs.model.accounts).toHaveLength(1);
  });

  test('turning LAN access on shows the new key once', async ({ open }) => {
    const page = await open();
    await page.getByRole('switch', { name: 'LAN access' }).press('Space');
    const dialog = page.getByRole('dialog', { name: 'New key “lan”' });
    await expect(dialog.getByTestId('copy-value')).toHaveText(/^sk-agt-fak3-/);
    // Another press of the same key must not put away what is shown once.
    await expect(dialog.getByRole('button', { name: /^Copy/ })).toBeFocused();
    await page.keyboard.press('Space');
    await expect(dialog).toBeVisible();
    await dialog.getByRole('button', { name: 'I have it' }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByTestId('status-block')).toContainText('LAN');
  });
});

test('a wrong base URL has its fix beside it', async ({ open, page }) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await open();
  const rows = page.getByTestId('attention-problem');
  await expect(rows).toHaveCount(2);
  const kilo = rows.filter({ hasText: 'Kilo Code has a wrong base URL' });
  await expect(kilo).toContainText('6 times');
  await kilo.getByRole('button', { name: 'Copy the right URL' }).click();
  await expect(page.getByText('Copied: http://127.0.0.1:8045')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('http://127.0.0.1:8045');
  // A client that nobody can set up from here has the address alone.
  await expect(rows.filter({ hasText: 'Python SDK' }).getByRole('button')).toHaveCount(1);
  await kilo.getByRole('button', { name: 'Set Kilo Code up again' }).click();
  await expect(page.getByRole('complementary', { name: 'Kilo Code' }).getByTestId('diff')).toBeVisible();
});
