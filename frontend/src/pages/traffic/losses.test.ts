import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { en } from '$lib/i18n/en';
import { gradeWord, lossWords } from './losses';

const BACKEND = join(import.meta.dirname, '../../../../backend');

describe('losses', () => {
  it('are told in plain words, every code that the program writes', () => {
    const calls = execFileSync('grep', ['-rhoE', '\\b(Adapt|Drop)\\("[a-z_.]+"', BACKEND, '--include=*.go'], {
      encoding: 'utf8',
    });
    const codes = new Set(calls.split('\n').flatMap((line) => /"([a-z_.]+)"/.exec(line)?.[1] ?? []));
    expect(codes.size).toBeGreaterThan(50);
    const known = new Set<string>(Object.keys(en));
    expect([...codes].filter((code) => !known.has(`loss.${code.replaceAll('.', '_')}`))).toEqual([]);
  });

  it('fall back to the code, or to the line of an older record', () => {
    expect(lossWords({ code: 'new.thing', reason: 'dropped new.thing' })).toBe('new.thing');
    expect(lossWords({ code: '', reason: 'dropped x' })).toBe('dropped x');
    expect(lossWords({ code: 'tool.strict', reason: '' })).toBe('Strict arguments do not exist there.');
    expect([gradeWord('dropped'), gradeWord('other')]).toEqual(['left out', 'other']);
  });
});
