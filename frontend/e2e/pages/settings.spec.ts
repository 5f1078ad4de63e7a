import { expect, test } from '../fixtures';

test('a change is saved at once and can be reset', async ({ open, mock }) => {
  const page = await open('settings');
  const days = page.getByRole('textbox', { name: 'Keep records for' });
  await days.fill('14');
  await days.press('Enter');
  await expect(page.getByText('Saved')).toBeVisible();
  expect(mock.verbs.model.settings.find(({ key }) => key === 'monitor.retention_days')?.value).toBe('14');
  await page.getByRole('button', { name: 'Reset to 30', exact: true }).click();
  await expect(days).toHaveValue('30');
});

test('a change of somewhere else shows', async ({ open, mock }) => {
  const page = await open('settings');
  await expect(page.getByRole('textbox', { name: 'First byte' })).toHaveValue('300s');
  mock.verbs.call('SetSettings', [{ changes: [{ key: 'proxy.first_byte_timeout', value: '90s' }] }]);
  await expect(page.getByRole('textbox', { name: 'First byte' })).toHaveValue('90s');
});

test('what the environment holds is locked, and the source is named', async ({ open }) => {
  const page = await open('settings');
  await expect(page.getByText('ANTIGRAVITY_KEEP_BODIES')).toBeVisible();
  await expect(
    page
      .getByRole('radiogroup', { name: 'Keep request and answer texts' })
      .getByRole('radio', { name: 'All' }),
  ).toBeDisabled();
});

test('the search finds by words and by key', async ({ open }) => {
  const page = await open('settings');
  await page.getByLabel('Search settings').fill('max_body');
  await expect(page.getByText('Largest request')).toBeVisible();
  await expect(page.getByText('Theme', { exact: true })).toBeHidden();
  await page.getByLabel('Search settings').fill('zzz');
  await expect(page.getByText('No setting matches the search.')).toBeVisible();
});

test.describe('of a wrong value', () => {
  test.use({ tolerated: [/400/] });
  test('the reason stands beside it and the old value is back', async ({ open }) => {
    const page = await open('settings');
    const field = page.getByRole('textbox', { name: 'First byte' });
    await field.fill('soon');
    await field.press('Enter');
    await expect(page.getByText('Give a time such as 30s.')).toBeVisible();
    await expect(field).toHaveValue('300s');
  });
});

test('every console is signed out at once, this one too', async ({ open, mock }) => {
  const page = await open('settings');
  await page.getByRole('button', { name: 'Sign all out' }).click();
  await expect(page.getByLabel('Admin password')).toBeVisible();
  expect(mock.verbs.model.calls).toContain('EndConsoleSessions');
});
