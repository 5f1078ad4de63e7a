import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test as base, type Page } from '@playwright/test';
import { BINARY, built, startProgram, type Program } from './program';

interface Worker {
  program: Program;
}
interface Fixtures {
  /** A page of the console, signed in through the login form. */
  open: (hash?: string) => Promise<Page>;
  /** Console errors that a test expects, such as the browser's note of a 400. */
  tolerated: RegExp[];
}

const test = base.extend<Fixtures, Worker>({
  program: [
    // eslint-disable-next-line no-empty-pattern -- the library reads the names of the first argument
    async ({}, use) => {
      const program = await startProgram();
      await use(program);
      await program.stop();
    },
    { scope: 'worker', timeout: 40_000 },
  ],
  tolerated: [[], { option: true }],
  open: async ({ page, program, tolerated }, use) => {
    const errors: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    page.on('pageerror', (error) => errors.push(error.message));
    await use(async (hash = 'overview') => {
      await page.goto(`${program.url}/#/${hash}`);
      await page.getByLabel('Admin password').fill(program.password);
      await page.keyboard.press('Enter');
      await expect(page.getByTestId('status-block')).toHaveAttribute('data-link', 'live');
      return page;
    });
    expect(errors.filter((text) => !tolerated.some((pattern) => pattern.test(text)))).toEqual([]);
  },
});

test.beforeAll(() => {
  if (!built) throw new Error(`${BINARY} is missing: run \`make server\` first`);
});

async function chat(program: Program, text: string): Promise<Response> {
  return fetch(`${program.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'User-Agent': 'OpenAI/JS 7.57.0' },
    body: JSON.stringify({ model: 'loopback', messages: [{ role: 'user', content: text }] }),
  });
}

test('shows where it runs, and that loopback answers', async ({ open, program }) => {
  const page = await open();
  await expect(page.getByTestId('status-block')).toContainText(`Running on`);
  await expect(page.getByTestId('status-block')).toContainText(program.url.replace('http://', ''));
  await expect(page.getByTestId('base-openai')).toHaveText(`${program.url}/v1`);
  await expect(page.getByText('Loopback answers', { exact: true })).toBeVisible();
  await expect(page.getByTestId('step-start_server')).toHaveAttribute('data-done', 'true');
});

test('a request shows at once, with its times and attempts', async ({ open, program }) => {
  const page = await open('traffic');
  const answer = await chat(program, 'hello');
  expect(answer.status).toBe(200);
  const row = page.getByRole('row', { name: /loopback/ }).first();
  await expect(row).toContainText('200');
  await expect(row).toContainText('OpenAI SDK');
  await row.click();
  const sheet = page.getByRole('complementary');
  await expect(sheet).toContainText('/v1/chat/completions');
  await expect(sheet.getByRole('heading', { name: /Attempts/ })).toContainText('1');
});

test('a wrong base URL shows at once, with its cure', async ({ open, program }) => {
  const page = await open('traffic');
  await fetch(`${program.url}/v1/chat/completions/responses`, {
    method: 'POST',
    headers: { 'User-Agent': 'Kilo-Code/5.2' },
    body: '{}',
  });
  const panel = page.getByTestId('problems');
  await expect(panel).toContainText('nested_resource_path');
  await expect(panel.getByTestId('problem-cure')).toContainText('Gemini');
  await expect(panel.getByTestId('copy-value')).toHaveText(program.url);
  await panel.getByRole('switch', { name: 'Rewrite such paths' }).click();
  await expect(panel).toContainText('Such paths are rewritten');
  await panel.getByRole('switch', { name: 'Rewrite such paths' }).click();
});

test('a key is made, shown once, and accepted', async ({ open, program }) => {
  const page = await open('gateway/keys');
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('e2e');
  await page.getByRole('button', { name: 'Create key' }).click();
  const dialog = page.getByRole('dialog', { name: 'New key “e2e”' });
  const secret = (await dialog.getByTestId('copy-value').textContent())?.trim() ?? '';
  expect(secret).toMatch(/^sk-agt-/);
  await dialog.getByRole('button', { name: 'I have it' }).click();
  await page.getByRole('radio', { name: 'Strict' }).click();
  await expect(page.getByText('the health check included')).toBeVisible();
  await expect.poll(async () => (await fetch(`${program.url}/v1/models`)).status).toBe(401);
  const answer = await fetch(`${program.url}/v1/models`, { headers: { Authorization: `Bearer ${secret}` } });
  expect(answer.status).toBe(200);
  await page.getByRole('radio', { name: 'Auto' }).click();
  await expect.poll(async () => (await fetch(`${program.url}/v1/models`)).status).toBe(200);
});

test('stopping answers 503 and the console stays', async ({ open, program }) => {
  const page = await open();
  await page.getByRole('switch', { name: 'Server' }).click();
  await expect(page.getByTestId('status-block')).toContainText('Stopped');
  expect((await chat(program, 'hello')).status).toBe(503);
  await page.getByRole('switch', { name: 'Server' }).click();
  await expect(page.getByTestId('status-block')).toContainText('Running on');
  expect((await chat(program, 'hello')).status).toBe(200);
});

test('Kilo Code is told to use the Gemini provider', async ({ open, program }) => {
  const page = await open('gateway/connect/kilo-code');
  const sheet = page.getByRole('complementary', { name: 'Kilo Code' });
  await sheet.getByRole('radio', { name: 'By hand' }).click();
  await expect(sheet).toContainText('Google Gemini');
  await expect(sheet.getByTestId('copy-value').filter({ hasText: program.url })).toHaveText([program.url]);
});

test('the check walks from the program to loopback’s answer in each protocol', async ({ open }) => {
  const page = await open('gateway/check');
  await page.getByRole('button', { name: 'Check now' }).click();
  const steps = page.getByTestId('check-steps').getByRole('listitem');
  await expect(steps).toHaveCount(13, { timeout: 20_000 });
  await expect(steps.first()).toHaveAttribute('data-state', 'ok');
  await expect(steps.filter({ hasText: 'Do clients use the right base URL?' })).toHaveCount(1);
  for (const name of ['OpenAI chat', 'OpenAI Responses', 'Anthropic', 'Gemini'])
    await expect(steps.filter({ hasText: `answer in the ${name}` }).first()).toHaveAttribute(
      'data-state',
      'ok',
    );
  await page.getByLabel('Base URL or path').fill('/v1/v1/chat/completions');
  await page.getByRole('button', { name: 'Explain' }).click();
  await expect(page.getByTestId('explained')).toContainText('duplicated_version_prefix');
});

// Before an account is added: until then loopback answers.
test('a client is set up, verified and restored in the files that it reads', async ({ open, program }) => {
  const file = join(program.home, '.claude', 'settings.json');
  const before = '{\n  // mine\n  "theme": "dark"\n}\n';
  mkdirSync(join(program.home, '.claude'), { recursive: true });
  writeFileSync(file, before, { mode: 0o600 });
  const page = await open('gateway/connect/claude-code');
  const sheet = page.getByRole('complementary', { name: 'Claude Code' });
  await expect(sheet.getByTestId('diff')).toContainText(program.url);
  await expect(sheet.getByTestId('diff')).toContainText('// mine');
  expect(readFileSync(file, 'utf8')).toBe(before);
  await sheet.getByRole('button', { name: 'Apply' }).click();
  await page.getByRole('button', { name: 'Write' }).click();
  await expect(sheet.getByTestId('client-state')).toHaveAttribute('data-state', 'set_up');
  expect(readFileSync(file, 'utf8')).toMatch(/\/\/ mine[\s\S]*"ANTHROPIC_AUTH_TOKEN": "sk-agt-/);
  await sheet.getByRole('button', { name: 'Verify' }).click();
  await expect(sheet.getByTestId('verify-answer')).toContainText('Say hello.');
  await sheet.getByRole('button', { name: 'Restore' }).click();
  const question = page.getByRole('dialog');
  await expect(question.getByTestId('diff')).toContainText('ANTHROPIC_BASE_URL');
  await question.getByRole('button', { name: 'Restore' }).click();
  await expect(sheet.getByTestId('client-state')).toHaveAttribute('data-state', 'not_set_up');
  expect(readFileSync(file, 'utf8')).toBe(before);
});

test('a Gemini key that does not work is refused in plain words', async ({ open }) => {
  const page = await open('accounts/new');
  const dialog = page.getByRole('dialog', { name: 'Add account' });
  await dialog.getByRole('button', { name: 'Gemini API' }).click();
  await dialog.getByLabel('Name').fill('e2e');
  await dialog.getByLabel('API key').fill('AIza-fake-e2e');
  // Nothing listens there, so no test leaves the machine.
  await dialog.getByLabel('Base URL').fill('http://127.0.0.1:9');
  await expect(dialog.getByTestId('url-preview')).toContainText('http://127.0.0.1:9/v1beta/models/');
  await dialog.getByRole('button', { name: 'Test and save' }).click();
  await expect(dialog.getByTestId('test-result')).not.toContainText('Asking the provider…', {
    timeout: 20_000,
  });
  await expect(dialog.getByTestId('test-result')).toBeVisible();
  await dialog.getByRole('button', { name: 'Save anyway' }).click();
  await expect(page.getByRole('row', { name: /e2e/ })).toBeVisible();
  await page.getByRole('row', { name: /e2e/ }).click();
  await page.getByRole('button', { name: 'Remove e2e' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('row', { name: /e2e/ })).toBeVisible();
});

test.describe('every kind of account', () => {
  // A secret that cannot be one is refused with 400, before any call.
  test.use({ tolerated: [/400/] });
  test('every provider’s form shows where requests will go, and says why a test failed', async ({ open }) => {
    const page = await open('accounts/new');
    const dialog = page.getByRole('dialog', { name: 'Add account' });
    const tiles = dialog.locator('.tiles button');
    await expect(tiles.first()).toBeVisible();
    const count = await tiles.count();
    expect(count).toBeGreaterThanOrEqual(3);
    for (let index = 0; index < count; index++) {
      await tiles.nth(index).click();
      await expect(tiles.nth(index)).toHaveAttribute('aria-pressed', 'true');
      await dialog.getByLabel('Name').fill(`try-${String(index)}`);
      // Nothing listens there, so no test leaves the machine.
      await dialog.getByLabel('Base URL').fill('http://127.0.0.1:9');
      await expect(dialog.getByTestId('url-preview')).toContainText('http://127.0.0.1:9/');
      const secret = dialog.locator('[name=api_key]');
      await secret.fill('fake-e2e');
      await dialog.getByRole('button', { name: 'Test and save' }).click();
      // A test that failed, or a secret that cannot be one: either way in words, and nothing is saved.
      await expect(
        dialog.getByRole('button', { name: 'Save anyway' }).or(dialog.getByRole('alert')),
      ).toBeVisible({ timeout: 20_000 });
    }
  });
});

test('a setting is checked by the program', async ({ open, page }) => {
  await open('settings');
  const field = page.getByRole('textbox', { name: /retention/i }).last();
  const before = await field.inputValue();
  await field.fill('12');
  await field.press('Enter');
  await expect(page.getByText('Saved')).toBeVisible();
  await page
    .getByRole('button', { name: /^Reset to/ })
    .first()
    .click();
  await expect(field).toHaveValue(before);
});
