import { exchange } from '../mock/data.mjs';
import { expect, test } from '../fixtures';

const arrival = (id: string, over: Record<string, unknown> = {}) =>
  exchange({ id, started_at: new Date().toISOString(), client: 'Newcomer', ...over });

test('new requests show at once, and change in place', async ({ open, mock }) => {
  const page = await open('traffic');
  await expect(page.getByRole('row', { name: /Codex/ }).first()).toBeVisible();
  mock.emit(
    'traffic',
    arrival('live-1', { state: 'running', status: 0, first_event_ms: null, duration_ms: null }),
  );
  const row = page.getByRole('row', { name: /Newcomer/ });
  await expect(row).toContainText('wait');
  mock.emit('traffic', arrival('live-1', { status: 503 }));
  await expect(row).toContainText('503');
  await expect(row).toHaveCount(1);
});

test('a paused list stands still and counts what waits', async ({ open, mock }) => {
  const page = await open('traffic');
  await page.getByRole('button', { name: 'Live' }).click();
  mock.emit('traffic', arrival('live-1'));
  mock.emit('traffic', arrival('live-2'));
  await expect(page.getByRole('button', { name: '2 new' })).toBeVisible();
  await expect(page.getByRole('row', { name: /Newcomer/ })).toHaveCount(0);
  await page.getByRole('button', { name: '2 new' }).click();
  await expect(page.getByRole('row', { name: /Newcomer/ })).toHaveCount(2);
});

test('only what is in view is drawn', async ({ open, mock }) => {
  const page = await open('traffic');
  for (let n = 0; n < 400; n++) mock.emit('traffic', arrival(`burst-${String(n)}`));
  await expect(page.getByText('494 of the last 1000')).toBeVisible();
  expect(await page.getByRole('row').count()).toBeLessThan(60);
});

test('a filter finds, and says when it finds nothing', async ({ open }) => {
  const page = await open('traffic');
  await page.keyboard.press('/');
  await page.keyboard.type('status:5xx');
  await expect(page.getByRole('row', { name: /503/ }).first()).toBeVisible();
  await expect(page.getByRole('row', { name: / 200 / })).toHaveCount(0);
  await page.keyboard.type(' client:nobody');
  await expect(page.getByText('No request matches the filter.')).toBeVisible();
});

test('one request tells its attempts, losses and times', async ({ open }) => {
  const page = await open('traffic');
  await page
    .getByRole('row', { name: /claude-haiku-5/ })
    .first()
    .click();
  const sheet = page.getByRole('complementary');
  await expect(sheet).toContainText('Anthropic → Gemini');
  await expect(sheet.getByRole('listitem').filter({ hasText: 'personal-gemini' })).toContainText('429');
  await expect(sheet.getByRole('listitem').filter({ hasText: 'work-gemini' })).toContainText('200');
  await expect(sheet).toContainText('system[0].cache_control');
  await expect(sheet).toContainText('First token');
  await expect(sheet).toContainText('The upstream has no cache marks');
  await expect(sheet).toContainText('Words that the upstream does not know were taken out of a schema.');
  await expect(sheet).toContainText('$schema, format');
  await page.keyboard.press('j');
  await expect(sheet).toContainText('/v1beta/models/gemini-3.1-pro:streamGenerateContent');
});

test('base URL problems name the cure and lead to the set-up', async ({ open, mock }) => {
  const page = await open('traffic');
  const panel = page.getByTestId('problems');
  await expect(panel).toContainText('2 clients, 8 requests');
  await expect(panel).toContainText('nested_resource_path');
  await expect(panel.getByTestId('problem-cure')).toContainText('In Kilo Code choose the Gemini provider');
  await expect(panel.getByTestId('copy-value')).toHaveText('http://127.0.0.1:8045');
  await panel.getByRole('button', { name: /Python SDK/ }).click();
  await expect(panel).toContainText('duplicated_version_prefix');
  await panel.getByRole('switch', { name: 'Rewrite such paths' }).click();
  await expect(panel).toContainText('Such paths are rewritten');
  expect(mock.verbs.model.settings.find(({ key }) => key === 'proxy.path_rewrite')?.value).toBe('on');
  await panel
    .getByRole('button', { name: /Kilo Code/ })
    .first()
    .click();
  await panel.getByRole('button', { name: 'Set Kilo Code up again' }).click();
  await expect(page.getByRole('complementary', { name: 'Kilo Code' })).toBeVisible();
});

test('https on the plain port is told, and its fixes are reached by keyboard', async ({ open, mock }) => {
  const [one] = mock.verbs.model.problems;
  if (!one) throw new Error('the mock has no problem');
  mock.verbs.model.problems = [
    {
      ...one,
      client: '',
      code: 'tls_on_plain_port',
      method: 'TLS',
      path: '(handshake)',
      rewrite_to: '',
      message: 'A client opened an https connection; the gateway speaks plain http.',
      use_base_url: 'http://127.0.0.1:8045',
    },
  ];
  const page = await open('traffic');
  const panel = page.getByTestId('problems');
  await expect(panel).toContainText('https://127.0.0.1:8045');
  await expect(panel).not.toContainText('handshake');
  await panel.getByRole('button', { name: /https/ }).focus();
  await page.keyboard.press('Tab');
  await expect(panel.getByRole('button', { name: 'Copy right base URL' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(panel.getByRole('button', { name: 'Base URLs of all clients' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/gateway\/connect/);
});

test.describe('before the first request', () => {
  test.use({ firstRun: true });
  test('the page waits with a base URL to copy', async ({ open }) => {
    const page = await open('traffic');
    await expect(page.getByText('Waiting for the first request.')).toBeVisible();
    await expect(page.getByTestId('copy-value')).toHaveText('http://127.0.0.1:8045/v1');
  });
});

test.describe('of a request that is gone', () => {
  test.use({ tolerated: [/400/] });
  test('the sheet says so once', async ({ open, mock }) => {
    const page = await open('traffic/no-such-request');
    await expect(page.getByRole('alert')).toContainText('that request is not kept any more');
    await page.waitForTimeout(300);
    expect(mock.verbs.model.calls.filter((verb) => verb === 'ExchangeDetail')).toHaveLength(1);
  });
});
