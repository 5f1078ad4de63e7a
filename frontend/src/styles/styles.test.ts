import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const SOURCE = join(import.meta.dirname, '..');
const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' });
const read = (file: string): string => readFileSync(join(SOURCE, file), 'utf8');
const components = files.filter((file) => file.endsWith('.svelte'));

/** What a component may not hold: colours come from semantic tokens only. */
const FORBIDDEN: readonly [string, RegExp][] = [
  ['a raw hex colour', /#[0-9a-fA-F]{3,8}\b(?![^<]*<\/title>)/],
  ['a raw colour function', /\b(?:rgb|rgba|hsl|hsla|oklch|oklab|lab|lch)\(/],
  ['a raw scale token', /--raw-/],
  [
    'a palette class',
    /\b(?:bg|text|border|fill|stroke|ring)-(?:gray|slate|zinc|neutral|stone|red|orange|amber|yellow|lime|green|emerald|teal|cyan|sky|blue|indigo|violet|purple|fuchsia|pink|rose)-\d{2,3}\b/,
  ],
  ['a dark: variant', /\bdark:/],
  ['raw HTML', /\{@html\b/],
];

describe('components', () => {
  it('exist', () => {
    expect(components.length).toBeGreaterThan(50);
  });
  it.each(components)('%s takes its colours from tokens', (file) => {
    const text = read(file);
    for (const [what, pattern] of FORBIDDEN) expect(pattern.exec(text)?.[0], what).toBeUndefined();
  });
  it.each(components)('%s is short enough to read', (file) => {
    expect(read(file).split('\n').length).toBeLessThanOrEqual(200);
  });
  it.each(components)('%s keeps to runes', (file) => {
    expect(read(file)).not.toMatch(/^\s*export let |\$:\s|createEventDispatcher|<slot\b|on:[a-z]+=/m);
  });
  it('uses only tokens that exist', () => {
    const tokens = read('styles/tokens.css');
    const known = new Set([...tokens.matchAll(/(--[a-z0-9-]+):/g)].map(([, name]) => name));
    const own = new Set(['--h', '--w', '--row-bar', '--hue-']);
    for (const file of [...components, 'styles/base.css']) {
      for (const [, name = ''] of read(file).matchAll(/var\((--[a-z0-9-]+)/g)) {
        expect(known.has(name) || own.has(name), `${name} in ${file}`).toBe(true);
      }
    }
  });
});

describe('contrast', () => {
  const css = read('styles/tokens.css');
  type Rgb = [number, number, number];
  const hex = (name: string): Rgb => {
    const found = new RegExp(`${name}:\\s*#([0-9a-f]{6})`).exec(css)?.[1];
    if (!found) throw new Error(`${name} has no hex value`);
    return [0, 2, 4].map((at) => parseInt(found.slice(at, at + 2), 16) / 255) as Rgb;
  };
  const luminance = (rgb: Rgb): number => {
    const [r, g, b] = rgb.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as Rgb;
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a: Rgb, b: Rgb): number => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
    return (high + 0.05) / (low + 0.05);
  };
  const cases = (['light', 'dark'] as const).flatMap((theme) => {
    const token = (name: string): string => `--raw-${theme}-${name}`;
    const grounds = ['canvas', 'surface', 'sunken', ...(theme === 'dark' ? ['raised'] : [])];
    const texts = ['text', 'text-2', 'text-3', 'accent', 'ok', 'warn', 'bad', 'info'];
    return [
      ...grounds.flatMap((ground) => texts.map((text) => [token(text), token(ground), 4.5] as const)),
      ...['ok', 'warn', 'bad', 'info', 'accent'].map(
        (name) => [token(name), token(`${name}-tint`), 4.5] as const,
      ),
      ...['text', 'text-2'].flatMap((text) =>
        ['bad-tint', 'accent-tint', 'hover'].map((ground) => [token(text), token(ground), 4.5] as const),
      ),
      [token('line-strong'), token('surface'), 3] as const,
    ];
  });

  it.each(cases)('%s on %s is at least %d', (text, ground, least) => {
    expect(contrast(hex(text), hex(ground))).toBeGreaterThanOrEqual(least);
  });
});
