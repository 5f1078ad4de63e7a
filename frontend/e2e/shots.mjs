// Pictures of every page in both themes: node e2e/shots.mjs [out-dir]. Needs a build and /usr/bin/chromium.
// With AGT_URL and AGT_PASSWORD set the pictures are of a running program instead of the mock.
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { PASSWORD, startMock } from './mock/serve.mjs';

const out = process.argv[2] ?? 'e2e/shots';
const only = process.argv[3];
const EXECUTABLE = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const VIEWS =
  /** @type {[string, string, { firstRun?: boolean, width?: number, act?: (page: import('playwright-core').Page) => Promise<void> }?][]} */ ([
    ['overview', 'overview'],
    ['firstrun', 'overview', { firstRun: true }],
    ['accounts', 'accounts'],
    ['account-sheet', 'accounts/acc-2'],
    ['account-add', 'accounts/new'],
    ['account-add-file', 'accounts/new/vertex'],
    ['gateway', 'gateway/server'],
    ['gateway-keys', 'gateway/keys'],
    ['connect', 'gateway/connect/kilo-code', { width: 1280 }],
    ['connect-broken', 'gateway/connect/zed'],
    ['connect-hand', 'gateway/connect/kilo-code/hand'],
    ['connect-narrow', 'gateway/connect/claude-code', { width: 920 }],
    [
      'check',
      'gateway/check',
      {
        act: async (page) => {
          await page.getByRole('button', { name: 'Check now' }).click();
          await page.waitForTimeout(800);
        },
      },
    ],
    ['access', 'gateway/access'],
    ['endpoints', 'gateway/endpoints'],
    ['traffic', 'traffic'],
    ['exchange', 'traffic/req-86'],
    ['settings', 'settings'],
    ['narrow', 'overview', { width: 920 }],
  ]);

mkdirSync(out, { recursive: true });
const browser = await chromium.launch({
  executablePath: EXECUTABLE,
  args: ['--no-sandbox', '--disable-gpu'],
});
const live = process.env['AGT_URL'];
const mocks = { true: await startMock({ firstRun: true }), false: await startMock() };
for (const theme of /** @type {const} */ (['light', 'dark'])) {
  for (const [name, hash, options = {}] of VIEWS) {
    if (only && only !== name) continue;
    const mock = mocks[options.firstRun ? 'true' : 'false'];
    const url = live ?? mock.url;
    const context = await browser.newContext({
      colorScheme: theme,
      viewport: { width: options.width ?? 1180, height: 760 },
    });
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') console.log(name, message.text());
    });
    page.on('pageerror', (error) => {
      console.log(name, 'page error:', error.message);
    });
    await context.request.post(`${url}/api/session`, {
      data: { password: live ? process.env['AGT_PASSWORD'] : PASSWORD },
      headers: { Origin: url },
    });
    await page.goto(`${url}/#/${hash}`);
    await page.waitForSelector('[data-testid=status-block] .dot');
    await page.waitForTimeout(500);
    await options.act?.(page);
    await page.screenshot({ path: `${out}/${name}-${theme}.png` });
    await context.close();
  }
}
await browser.close();
await Promise.all(Object.values(mocks).map((mock) => mock.close()));
