import { test as base, expect, type Page } from '@playwright/test';
import { PASSWORD, startMock } from './mock/serve.mjs';

export type Mock = Awaited<ReturnType<typeof startMock>>;

interface Fixtures {
  firstRun: boolean;
  mock: Mock;
  /** Opens a page of the console, signed in. */
  open: (hash?: string) => Promise<Page>;
  /** Console errors that a test expects, such as the browser's note of a 401. */
  tolerated: RegExp[];
}

export const test = base.extend<Fixtures>({
  firstRun: [false, { option: true }],
  tolerated: [[], { option: true }],
  mock: async ({ firstRun }, use) => {
    const mock = await startMock({ firstRun });
    await use(mock);
    await mock.close();
  },
  // Every test fails on an error in the browser's console: a broken page or a breach of the content policy.
  page: async ({ page, tolerated }, use) => {
    const errors: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    page.on('pageerror', (error) => errors.push(error.message));
    await use(page);
    expect(errors.filter((text) => !tolerated.some((pattern) => pattern.test(text)))).toEqual([]);
  },
  open: async ({ page, mock }, use) => {
    await use(async (hash = 'overview') => {
      await page.context().request.post(`${mock.url}/api/session`, { data: { password: PASSWORD } });
      await page.goto(`${mock.url}/#/${hash}`);
      await expect(page.getByTestId('status-block')).toHaveAttribute('data-link', 'live');
      return page;
    });
  },
});

export { expect, PASSWORD };
