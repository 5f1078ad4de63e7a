import { describe, expect, it } from 'vitest';
import type { Quota } from '$lib/api';
import { anAccount } from '../../test/samples';
import { ACCOUNT_COLUMNS } from './columns';
import { percentLeft, quotaTone, quotaWords, resetWords, tellsQuota, unlike } from './quota';

const now = Date.parse('2026-11-23T12:00:00Z');
const aQuota = (over: Partial<Quota> = {}): Quota => ({
  group: 'Gemini Pro',
  remaining: 0.5,
  reset_at: '2026-11-23T14:30:00Z',
  models: [],
  ...over,
});

describe('quota', () => {
  it('is rounded down, and never to nothing while something is left', () => {
    expect([1, 0.999, 0.29, 0.01, 0.004, 0].map(percentLeft)).toEqual([
      '100 %',
      '99 %',
      '29 %',
      '1 %',
      '<1 %',
      '0 %',
    ]);
  });
  it('warns when little is left', () => {
    expect([1, 0.2, 0.19, 0].map(quotaTone)).toEqual(['ok', 'ok', 'warn', 'bad']);
  });
  it('says when it is full again, where that is known and something is missing', () => {
    expect(resetWords(aQuota(), now)).toMatch(/^Full again \d\d:\d\d$/);
    expect(resetWords(aQuota({ reset_at: '2026-11-27T14:30:00Z' }), now)).toContain('27 Nov');
    expect(resetWords(aQuota({ reset_at: null }), now)).toBe('');
    expect(resetWords(aQuota({ remaining: 1 }), now)).toBe('');
    expect(quotaWords(aQuota(), now)).toMatch(/^Gemini Pro: 50 % left\. Full again/);
  });
  it('names the models where they differ', () => {
    const alike = { model: 'a', remaining: 0.5, reset_at: '2026-11-23T14:30:00Z' };
    expect(unlike(aQuota({ models: [alike, { ...alike, model: 'b' }] }))).toEqual([]);
    expect(unlike(aQuota({ models: [alike, { ...alike, model: 'b', remaining: 0.9 }] }))).toHaveLength(2);
  });
  it('has a column only where an account tells of one', () => {
    const ids = (quota: boolean): string[] => ACCOUNT_COLUMNS(quota).map(({ id }) => id);
    expect(tellsQuota([anAccount()])).toBe(false);
    expect(tellsQuota([anAccount(), anAccount({ quotas: [aQuota()] })])).toBe(true);
    expect(ids(false)).not.toContain('quota');
    expect(ids(true)).toContain('quota');
  });
});
