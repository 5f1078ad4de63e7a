import { defineConfig } from '@playwright/test';

// Debian's Chromium; its own download is neither needed nor possible everywhere.
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

export default defineConfig({
  testDir: './e2e',
  timeout: 30_000,
  expect: { timeout: 7_000 },
  workers: 1,
  forbidOnly: true,
  reporter: [['list']],
  outputDir: './test-results',
  use: {
    viewport: { width: 1180, height: 760 },
    launchOptions: {
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    // The pages over invented state, which can be made to fail at will.
    { name: 'pages', testMatch: /pages\/.*\.spec\.ts/ },
    // The pages served by the built headless program: AGT_BIN or build/bin/antigravity-tools-server.
    { name: 'program', testMatch: /program\/.*\.spec\.ts/ },
  ],
});
