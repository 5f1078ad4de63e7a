import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '../fixtures';

const VIEWS = [
  'overview',
  'accounts',
  'accounts/acc-2',
  'accounts/new',
  'accounts/new/vertex',
  'gateway',
  'gateway/access',
  'gateway/check',
  'gateway/connect',
  'gateway/connect/codex',
  'gateway/connect/codex/hand',
  'traffic',
  'traffic/req-86',
  'settings',
];

for (const theme of ['light', 'dark'] as const) {
  for (const view of VIEWS) {
    test(`${view} in ${theme} has no barrier that axe knows`, async ({ open, page }) => {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await open(view);
      await page.waitForTimeout(400);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => String(target)).join(' | ')}`),
      ).toEqual([]);
    });
  }
}
