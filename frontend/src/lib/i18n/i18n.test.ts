import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, TYPE, type MessageFormatElement } from '@formatjs/icu-messageformat-parser';
import { describe, expect, it } from 'vitest';
import { en } from './en';
import { t, type MessageKey } from './index.svelte';

const SOURCE = join(import.meta.dirname, '../..');
const sources = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(svelte|ts)$/.test(file) && !/\.test\.ts$|i18n[/\\]en/.test(file))
  .map((file) => readFileSync(join(SOURCE, file), 'utf8'))
  .join('\n');

describe('English', () => {
  it('is valid message syntax throughout', () => {
    for (const [key, text] of Object.entries(en)) {
      expect(() => parse(text, { ignoreTag: true }), key).not.toThrow();
    }
  });

  it('holds no text that no page uses', () => {
    const templates = [...sources.matchAll(/t\(\s*`([^`]+)`/g)].map(([, text = '']) => {
      const pattern = text
        .split(/\$\{[^}]*\}/)
        .map((part) => part.replace(/[.*+?^$()|[\]\\]/g, '\\$&'))
        .join('[^.]+');
      return new RegExp(`^${pattern}$`);
    });
    const unused = Object.keys(en).filter(
      (key) => !sources.includes(`'${key}'`) && !templates.some((template) => template.test(key)),
    );
    expect(unused).toEqual([]);
  });

  it('formats numbers of things', () => {
    expect(t('nav.blocked', { count: 1 })).toBe('1 account is blocked');
    expect(t('nav.blocked', { count: 3 })).toBe('3 accounts are blocked');
  });

  it('never throws for want of a value that its pages give', () => {
    const names = (elements: MessageFormatElement[]): string[] =>
      elements.flatMap((element) => {
        if (element.type === TYPE.literal || element.type === TYPE.pound) return [];
        if (element.type === TYPE.plural || element.type === TYPE.select)
          return [element.value, ...Object.values(element.options).flatMap(({ value }) => names(value))];
        return 'value' in element ? [element.value] : [];
      });
    for (const [key, text] of Object.entries(en)) {
      const values = Object.fromEntries(names(parse(text, { ignoreTag: true })).map((name) => [name, 2]));
      expect(t(key as MessageKey, values), key).not.toBe('');
    }
  });
});
