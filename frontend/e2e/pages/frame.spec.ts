import { expect, PASSWORD, test } from '../fixtures';

test.describe('signing in', () => {
  test.use({ tolerated: [/401|ERR_INCOMPLETE/] });

  test('asks for the password and says when it is wrong', async ({ page, mock }) => {
    await page.goto(mock.url);
    await page.getByLabel('Admin password').fill('guess');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('alert')).toContainText('wrong password');
    await page.getByLabel('Admin password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
  });

  test('is asked for again when the session is over', async ({ open, mock }) => {
    const page = await open();
    await page.context().clearCookies();
    mock.cut();
    await expect(page.getByLabel('Admin password')).toBeVisible({ timeout: 15_000 });
  });

  test('can be undone', async ({ open }) => {
    const page = await open('settings');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page.getByLabel('Admin password')).toBeVisible();
    await page.reload();
    await expect(page.getByLabel('Admin password')).toBeVisible();
  });
});

test('the keyboard reaches every page', async ({ open }) => {
  const page = await open();
  for (const [key, title] of [
    ['a', 'Accounts'],
    ['g', 'Gateway'],
    ['t', 'Traffic'],
    ['s', 'Settings'],
    ['o', 'Overview'],
  ] as const) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
  }
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});

test('the palette finds and runs', async ({ open }) => {
  const page = await open();
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Type a page or an action').fill('traffic');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Traffic' })).toBeVisible();
});

test('the server can be stopped and started by key, and every part says so', async ({ open }) => {
  const page = await open();
  await page.keyboard.press('Control+Shift+S');
  await expect(page.getByTestId('status-block')).toContainText('Stopped');
  await expect(page.getByRole('switch', { name: 'Server' })).not.toBeChecked();
  await page.keyboard.press('Control+Shift+S');
  await expect(page.getByTestId('status-block')).toContainText('Running on');
});

test.describe('without a connection', () => {
  test.use({ tolerated: [/ERR_/] });

  test('a lost event stream is told, and what was missed is fetched', async ({ open, mock, page }) => {
    test.setTimeout(40_000);
    await open('accounts');
    // Refuse the reconnect for a moment, so that the bar can be seen.
    await page.route('**/api/events', (route) => route.abort());
    mock.cut();
    await expect(page.getByText('Reconnecting…')).toBeVisible({ timeout: 10_000 });
    const account = mock.verbs.model.accounts[0];
    if (!account) throw new Error('no account');
    account.name = 'renamed-meanwhile';
    await page.unroute('**/api/events');
    await expect(page.getByText('renamed-meanwhile')).toBeVisible({ timeout: 20_000 });
    await expect(page.getByText('Reconnecting…')).toBeHidden();
  });
});

test.describe('with errors', () => {
  test.use({ tolerated: [/400|ERR_FAILED|ERR_INCOMPLETE/] });

  test('a list that cannot be had says why and can be tried again', async ({ mock, open }) => {
    mock.verbs.model.failing['ListAccounts'] = 'the database is locked';
    const page = await open('accounts');
    await expect(page.getByRole('alert')).toContainText('the database is locked');
    mock.verbs.model.failing = {};
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByRole('row', { name: /work-gemini/ })).toBeVisible();
  });
});

test('the pages never poll', async ({ open, mock }) => {
  const page = await open('traffic');
  await page.waitForTimeout(500);
  const before = mock.verbs.model.calls.length;
  await page.waitForTimeout(3000);
  expect(mock.verbs.model.calls.slice(before)).toEqual([]);
});

test('the rail becomes icons in a small window', async ({ open, page }) => {
  await page.setViewportSize({ width: 900, height: 600 });
  await open();
  const rail = await page.getByRole('navigation', { name: 'Pages' }).boundingBox();
  expect(rail?.width).toBeLessThanOrEqual(52);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  expect(overflow).toBe(false);
});

test.describe('themes', () => {
  test.use({ tolerated: [/ERR_FAILED/] });

  test('the theme is there before the first paint', async ({ open, page }) => {
    await page.emulateMedia({ colorScheme: 'light' });
    await open('settings');
    await page.getByRole('radio', { name: 'Dark' }).click();
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await page.route('**/*.js', (route) =>
      route.request().url().endsWith('theme.js') ? route.continue() : route.abort(),
    );
    await page.reload({ waitUntil: 'commit' }).catch(() => undefined);
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await page.unroute('**/*.js');
  });
});
