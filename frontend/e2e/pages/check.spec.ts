import { expect, test } from '../fixtures';

test('the check shows each step as it ends, with its cure and where to go', async ({ open }) => {
  const page = await open('overview');
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  const steps = page.getByTestId('check-steps').getByRole('listitem');
  await expect(steps.first()).toContainText('Is the program running?');
  await expect(page.getByText('One thing stands in the way.').last()).toBeVisible();
  await expect(steps).toHaveCount(9);
  const accounts = steps.filter({ hasText: 'Can an account serve?' });
  await expect(accounts).toHaveAttribute('data-state', 'bad');
  await expect(accounts).toContainText('mend the one that was refused');
  await accounts.getByRole('button', { name: 'Open' }).click();
  await expect(page).toHaveURL(/#\/accounts/);
});

test('a real account is asked only where it is wanted', async ({ open, page }) => {
  await open('gateway/check');
  await page.getByRole('switch', { name: 'Ask a real account too' }).click();
  await page.getByRole('button', { name: 'Check now' }).click();
  await expect(page.getByTestId('check-steps').getByRole('listitem')).toHaveCount(8);
});

test('a base URL is explained with the one to enter', async ({ open }) => {
  const page = await open('gateway/check');
  await page.getByLabel('Base URL or path').fill('/v1/v1/chat/completions');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('explained')).toContainText('The version stands there twice.');
  await expect(page.getByTestId('explained').getByTestId('copy-value')).toHaveText(
    'http://127.0.0.1:8045/v1',
  );
  await page.getByTestId('explained').getByRole('button', { name: 'Set Kilo Code up again' }).click();
  await expect(page.getByRole('complementary', { name: 'Kilo Code' })).toBeVisible();
});

test('LAN addresses show what came of asking them, a QR code and the key', async ({ open, mock }) => {
  const page = await open('gateway/access');
  const lan = page.getByTestId('lan-addresses');
  const rows = lan.getByRole('listitem');
  await expect(rows.first()).toContainText('wlan0');
  await expect(rows.first()).toContainText('Answers');
  await expect(rows.nth(1)).toContainText('No answer');
  await expect(rows.nth(1)).toContainText('the interface may be down');
  const asked = mock.verbs.model.calls.filter((verb) => verb === 'LanCheck').length;
  await lan.getByRole('button', { name: 'Check again' }).click();
  await expect
    .poll(() => mock.verbs.model.calls.filter((verb) => verb === 'LanCheck').length)
    .toBe(asked + 1);
  await lan.getByRole('button', { name: 'Show the QR code of http://10.8.0.3:8045' }).click();
  await expect(page.getByRole('dialog').getByRole('img')).toHaveAccessibleName(/10\.8\.0\.3/);
  await page.keyboard.press('Escape');
  await lan.getByTestId('lan-key').getByRole('button', { name: 'Reveal key laptop' }).click();
  await expect(lan.getByTestId('lan-key')).toContainText('sk-agt-7Qf2-revealed');
});

test.describe('the first time', () => {
  test.use({ firstRun: true });
  test('LAN access makes a key, shows it once and explains the mode', async ({ open }) => {
    const page = await open('gateway/access');
    await page.getByRole('switch', { name: 'LAN access' }).click();
    const dialog = page.getByRole('dialog', { name: 'New key “lan”' });
    await expect(dialog).toContainText('no key existed, so this one was made');
    await expect(dialog).toContainText('every request needs a key, except the health check');
    await dialog.getByRole('button', { name: 'I have it' }).click();
    await expect(page.locator('body')).not.toContainText('0123456789abcdef0123456789abcdef');
  });
});
