import { beforeEach, describe, expect, it, vi } from 'vitest';
import { anExchange } from '../../test/samples';
import { mergeExchanges, MOST_ROWS, traffic } from './traffic.svelte';

const ids = (list: readonly { id: string }[]): string[] => list.map(({ id }) => id);
const asMap = (...list: ReturnType<typeof anExchange>[]) => new Map(list.map((one) => [one.id, one]));

describe('mergeExchanges', () => {
  const list = ['c', 'b', 'a'].map((id) => anExchange({ id }));

  it('puts the latest arrival on top', () => {
    expect(ids(mergeExchanges(list, asMap(anExchange({ id: 'd' }), anExchange({ id: 'e' })), 10))).toEqual([
      'e',
      'd',
      'c',
      'b',
      'a',
    ]);
  });

  it('replaces what is known in its place', () => {
    const merged = mergeExchanges(list, asMap(anExchange({ id: 'b', status: 503 })), 10);
    expect(ids(merged)).toEqual(['c', 'b', 'a']);
    expect(merged[1]?.status).toBe(503);
  });

  it('keeps the newest of too many', () => {
    expect(ids(mergeExchanges(list, asMap(anExchange({ id: 'd' })), 2))).toEqual(['d', 'c']);
  });
});

describe('the traffic list', () => {
  beforeEach(() => {
    vi.stubGlobal('requestAnimationFrame', () => 0);
    traffic.flush();
    traffic.setPaused(false);
    traffic.setScrolled(false);
    traffic.resource.set([anExchange({ id: '1' })]);
  });
  const arrive = (id: string, over = {}): void => {
    traffic.take(anExchange({ id, ...over }));
    traffic.flush();
  };

  it('draws a burst once', () => {
    const frame = vi.fn();
    vi.stubGlobal('requestAnimationFrame', frame);
    for (let n = 0; n < 50; n++) traffic.take(anExchange({ id: `x${String(n)}` }));
    expect(frame).toHaveBeenCalledTimes(1);
    traffic.flush();
    expect(traffic.rows).toHaveLength(51);
  });

  it('stays within its bound', () => {
    for (let n = 0; n < MOST_ROWS + 20; n++) traffic.take(anExchange({ id: `y${String(n)}` }));
    traffic.flush();
    expect(traffic.rows).toHaveLength(MOST_ROWS);
  });

  it('stands still while paused, but lets shown rows change', () => {
    traffic.setPaused(true);
    arrive('2');
    arrive('1', { status: 503 });
    expect(ids(traffic.rows)).toEqual(['1']);
    expect(traffic.rows[0]?.status).toBe(503);
    expect(traffic.waiting).toBe(1);
    traffic.setPaused(false);
    expect(ids(traffic.rows)).toEqual(['2', '1']);
    expect(traffic.waiting).toBe(0);
  });

  it('stands still while scrolled down, until both reasons are gone', () => {
    traffic.setScrolled(true);
    arrive('2');
    traffic.setPaused(true);
    traffic.setScrolled(false);
    expect(ids(traffic.rows)).toEqual(['1']);
    traffic.setPaused(false);
    expect(ids(traffic.rows)).toEqual(['2', '1']);
  });
});
