import { describe, expect, it } from 'vitest';
import {
  sentence,
  exchangeTone,
  formatAgo,
  formatBytes,
  formatClock,
  formatCountdown,
  formatDay,
  formatDuration,
  formatMoment,
  formatNumber,
  formatSeconds,
  formatShare,
  formatTokens,
  providerHue,
} from './index';

describe('numbers', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1k'],
    [1049, '1.05k'],
    [38_100, '38.1k'],
    [999_400, '999k'],
    [999_950, '1M'],
    [1_420_000, '1.42M'],
    [2_500_000_000, '2.5G'],
  ])('formatTokens(%d) is %s', (count, want) => {
    expect(formatTokens(count)).toBe(want);
  });

  it('groups thousands', () => {
    expect(formatNumber(1284)).toBe('1,284');
  });

  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [104_857_600, '100 MiB'],
  ])('formatBytes(%d) is %s', (bytes, want) => {
    expect(formatBytes(bytes)).toBe(want);
  });

  it('says nothing about a share of nothing', () => {
    expect(formatShare(0, 0)).toBe('–');
    expect(formatShare(63, 64)).toBe('98.4 %');
  });
});

describe('durations', () => {
  it.each([
    [0, '0.00'],
    [908, '0.91'],
    [9_996, '10.00'],
    [12_100, '12.1'],
    [123_400, '123'],
  ])('formatSeconds(%d) is %s', (ms, want) => {
    expect(formatSeconds(ms)).toBe(want);
  });

  it.each([
    [38, '38 ms'],
    [908, '0.91 s'],
    [60_000, '1 min'],
    [302_000, '5 min 2 s'],
    [7_260_000, '2 h 1 min'],
  ])('formatDuration(%d) is %s', (ms, want) => {
    expect(formatDuration(ms)).toBe(want);
  });

  it.each([
    [-5, '0:00'],
    [1, '0:01'],
    [248_000, '4:08'],
    [3_723_000, '1:02:03'],
  ])('formatCountdown(%d) is %s', (ms, want) => {
    expect(formatCountdown(ms)).toBe(want);
  });
});

describe('dates', () => {
  const now = new Date(2026, 10, 23, 14, 30, 0).getTime();
  const iso = (...parts: [number, number, number, number, number, number]): string =>
    new Date(...parts).toISOString();

  it('shows local time', () => {
    expect(formatClock(iso(2026, 10, 23, 9, 5, 7))).toBe('09:05:07');
    expect(formatClock('nonsense')).toBe('–');
  });

  it('leaves out what the reader knows', () => {
    expect(formatMoment(iso(2026, 10, 23, 9, 5, 7), now)).toBe('09:05');
    expect(formatMoment(iso(2026, 10, 3, 9, 5, 7), now)).toBe('3 Nov, 09:05');
    expect(formatDay(iso(2025, 10, 3, 9, 5, 7), now)).toBe('3 Nov 2025');
  });

  it('counts minutes, then gives the moment', () => {
    expect(formatAgo(iso(2026, 10, 23, 14, 29, 40), now)).toBe('now');
    expect(formatAgo(iso(2026, 10, 23, 14, 27, 0), now)).toBe('3 min ago');
    expect(formatAgo(iso(2026, 10, 23, 9, 0, 0), now)).toBe('09:00');
  });
});

describe('tones', () => {
  it.each([
    [{ state: 'running', status: 0 }, 'info'],
    [{ state: 'done', status: 200 }, 'ok'],
    [{ state: 'done', status: 404 }, 'warn'],
    [{ state: 'done', status: 503 }, 'bad'],
    [{ state: 'done', status: 0 }, 'bad'],
  ] as const)('%o is %s', (outcome, want) => {
    expect(exchangeTone(outcome)).toBe(want);
  });

  it('gives a provider one hue everywhere', () => {
    expect(providerHue('gemini')).toBe('var(--hue-1)');
    expect(providerHue('someone-new')).toBe(providerHue('someone-new'));
    expect(providerHue('someone-new')).toMatch(/^var\(--hue-[1-8]\)$/);
  });
});

describe('a message as a sentence', () => {
  it('begins with a capital, a path or a name as it is', () => {
    expect(sentence('the port is taken')).toBe('The port is taken');
    expect(sentence('env.X is set in /a')).toBe('env.X is set in /a');
    expect(sentence('/home/a can be read')).toBe('/home/a can be read');
  });
});
