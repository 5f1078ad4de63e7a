import { expect, test } from '../fixtures';

test('a port is checked while it is typed', async ({ open }) => {
  const page = await open('gateway');
  const port = page.getByRole('textbox', { name: 'Port' });
  await port.fill('99999');
  await expect(page.getByText('A port is a number from 1 to 65535.')).toBeVisible();
  await port.fill('8080');
  await expect(page.getByText('Port 8080 is taken by nginx (pid 12).')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Move' })).toBeDisabled();
  await page.getByRole('button', { name: 'Use port 8081' }).click();
  await expect(page.getByText('8081 is free')).toBeVisible();
  await page.getByRole('button', { name: 'Move' }).click();
  await expect(page.getByTestId('status-block')).toContainText('127.0.0.1:8081');
});

test.describe('when it goes wrong', () => {
  test.use({ tolerated: [/400/] });
  test('the old port is back and the reason is told', async ({ open }) => {
    const page = await open('gateway');
    await page.getByRole('textbox', { name: 'Port' }).fill('80');
    await page.getByRole('button', { name: 'Move' }).click();
    await expect(page.getByText('Port 80 needs more rights.')).toBeVisible();
    await expect(page.getByRole('textbox', { name: 'Port' })).toHaveValue('8045');
  });
  test('a key name that exists is refused beside the field', async ({ open }) => {
    const page = await open('gateway/keys');
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Name').fill('laptop');
    await page.getByRole('button', { name: 'Create key' }).click();
    await expect(page.getByRole('alert')).toContainText('a key named laptop exists already');
  });
});

test('who needs a key is chosen with its consequence', async ({ open, mock }) => {
  const page = await open('gateway/access');
  await expect(page.getByText('because other machines can connect')).toBeVisible();
  await page.getByRole('radio', { name: 'Strict' }).click();
  await expect(page.getByText('the health check included')).toBeVisible();
  expect(mock.verbs.model.server.auth_mode).toBe('strict');
});

test('a new key is shown once, then only its beginning', async ({ open }) => {
  const page = await open('gateway/keys');
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByLabel('Name').fill('tablet');
  await page.getByRole('radio', { name: '30 days' }).click();
  await page.getByRole('button', { name: 'Create key' }).click();
  const dialog = page.getByRole('dialog', { name: 'New key “tablet”' });
  await expect(dialog.getByTestId('copy-value')).toHaveText('sk-agt-fak3-0123456789abcdef0123456789abcdef');
  await dialog.getByRole('button', { name: 'I have it' }).click();
  const row = page.getByRole('row', { name: /tablet/ });
  await expect(row).toContainText('sk-agt-fak3…');
  await expect(page.locator('body')).not.toContainText('0123456789abcdef0123456789abcdef');
});

test('keys are disabled, rotated and revoked; the environment’s cannot be', async ({ open }) => {
  const page = await open('gateway/keys');
  await page.getByRole('switch', { name: 'Let key laptop in' }).click();
  await expect(page.getByRole('switch', { name: 'Let key laptop in' })).not.toBeChecked();
  await page.getByRole('button', { name: 'Rotate key laptop' }).click();
  await page.getByRole('button', { name: 'Rotate', exact: true }).click();
  await expect(page.getByTestId('copy-value').first()).toContainText('rotated');
  await page.getByRole('button', { name: 'I have it' }).click();
  await page.getByRole('button', { name: 'Revoke key phone' }).click();
  await page.getByRole('button', { name: 'Revoke', exact: true }).click();
  await expect(page.getByRole('row', { name: /phone/ })).toBeHidden();
  await expect(page.getByRole('switch', { name: 'Let key environment in' })).toBeDisabled();
});

test('Kilo Code is told exactly what to enter, with the chosen key', async ({ open }) => {
  const page = await open('gateway/connect');
  await page.getByRole('button', { name: /Kilo Code/ }).click();
  const sheet = page.getByRole('complementary', { name: 'Kilo Code' });
  await sheet.getByRole('radio', { name: 'By hand' }).click();
  await expect(sheet).toContainText('Google Gemini');
  await expect(sheet).toContainText('http://127.0.0.1:8045');
  await sheet.getByRole('combobox', { name: 'Key' }).click();
  await page.getByRole('option', { name: /laptop/ }).click();
  await expect(sheet.getByText(/^sk-agt-•+$/)).toBeVisible();
  await sheet.getByRole('button', { name: 'Reveal' }).click();
  await expect(sheet).toContainText('sk-agt-7Qf2-0123456789');
  await sheet.getByRole('combobox', { name: 'From' }).click();
  await page.getByRole('option', { name: /192\.168\.1\.24/ }).click();
  await expect(sheet).toContainText('http://192.168.1.24:8045');
});

test('the route table has a live base URL per protocol', async ({ open, mock }) => {
  const page = await open('gateway/endpoints');
  const openai = page.getByRole('row', { name: /^OpenAI/ });
  await expect(openai).toContainText('http://127.0.0.1:8045/v1');
  await expect(page.getByRole('row', { name: /metrics/i })).toContainText('501 for now');
  await expect(page.getByRole('button', { name: 'Copy /v1/messages as cURL' })).toBeVisible();
  mock.verbs.call('SetPort', [{ port: 8099 }]);
  await expect(openai).toContainText('http://127.0.0.1:8099/v1');
});
