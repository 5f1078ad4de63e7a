import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

const dir = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// Relative asset addresses and hash routes: the same files work under the window's scheme and below any path of
// the headless program.
export default defineConfig({
  base: './',
  plugins: [svelte(), svelteTesting()],
  resolve: { alias: { $lib: dir('./src/lib'), $pages: dir('./src/pages') } },
  // WebKitGTK of Debian 12 and macOS 12: nothing newer than Safari 15 may be needed to start.
  build: { target: ['es2021', 'safari15'], cssTarget: 'safari15', chunkSizeWarningLimit: 700 },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': process.env['AGT_DEV_TARGET'] ?? 'http://127.0.0.1:8045' },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts'],
    restoreMocks: true,
    unstubGlobals: true,
  },
});
