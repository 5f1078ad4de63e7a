import { describe, expect, it } from 'vitest';
import { fitColumns, template, type Column } from '$lib/ui/columns';
import { anAccount, anExchange, aProblem, aRoute, aSetting } from '../test/samples';
import { filterAccounts, groupOf } from './accounts/groups';
import { parsePort } from './gateway/port';
import { groupRoutes } from './gateway/routes';
import { letters } from './gateway/tiles';
import { sections } from './settings/sections';
import { NARROW_COLUMNS, TRAFFIC_COLUMNS } from './traffic/columns';
import { histogram, measure, median } from './traffic/metrics';
import { groupProblems } from './traffic/problems';

describe('columns', () => {
  const column = (id: string, width: number, priority: number): Column => ({
    id,
    label: id,
    width,
    priority,
  });
  const three = [column('a', 100, 0), column('b', 100, 2), column('c', 100, 1)];
  const ids = (columns: Column[]): string[] => columns.map(({ id }) => id);

  it('leave by priority and keep their order', () => {
    expect(ids(fitColumns(three, 324))).toEqual(['a', 'b', 'c']);
    expect(ids(fitColumns(three, 323))).toEqual(['a', 'c']);
    expect(ids(fitColumns(three, 10))).toEqual(['a']);
  });
  it('survive having none', () => {
    expect(fitColumns([], 100)).toEqual([]);
  });
  it('become a grid template', () => {
    expect(template([{ ...column('a', 100, 0), grow: 2 }, column('b', 40, 0)])).toBe(
      'minmax(100px, 2fr) 40px',
    );
  });
  it('of the traffic list show the essentials at 1180 and beside a sheet', () => {
    expect(ids(fitColumns(TRAFFIC_COLUMNS(), 924))).toEqual(
      expect.arrayContaining(['protocol', 'account', 'ttft', 'total', 'in', 'out']),
    );
    expect(ids(fitColumns(NARROW_COLUMNS(), 504))).toHaveLength(6);
  });
});

describe('accounts', () => {
  const list = [
    anAccount(),
    anAccount({ id: 'a2', name: 'spare', state: 'refused' }),
    anAccount({ id: 'a3', name: 'other', state: 'out_of_quota', models: ['gemini-3-flash'] }),
  ];
  it('are counted as blocked for three reasons', () => {
    expect(list.map(groupOf)).toEqual(['ready', 'blocked', 'blocked']);
    expect(groupOf(anAccount({ state: 'needs_sign_in' }))).toBe('blocked');
  });
  it('are found by group and text together', () => {
    expect(filterAccounts(list, 'blocked', '').map(({ id }) => id)).toEqual(['a2', 'a3']);
    expect(filterAccounts(list, 'blocked', 'FLASH').map(({ id }) => id)).toEqual(['a3']);
    expect(filterAccounts(list, 'all', 'nothing like it')).toEqual([]);
  });
});

describe('the gateway page', () => {
  it.each([
    ['8045', 8045],
    [' 80 ', 80],
    ['65535', 65535],
    ['65536', undefined],
    ['0', undefined],
    ['-1', undefined],
    ['80a', undefined],
    ['', undefined],
    ['1e3', undefined],
  ])('reads port %o as %o', (text, want) => {
    expect(parsePort(text)).toBe(want);
  });
  it('hangs routes on their base URLs', () => {
    const groups = groupRoutes([
      aRoute({ protocol: 'none' }),
      aRoute({ protocol: 'responses' }),
      aRoute({ protocol: 'openai' }),
      aRoute({ protocol: 'new' }),
    ]);
    expect(groups.map(({ protocol, routes }) => [protocol, routes.length])).toEqual([
      ['openai', 2],
      ['none', 2],
    ]);
  });
  it.each([
    ['kilo-code', 'Kilo Code', 'KC'],
    ['x', 'Some Tool', 'ST'],
    ['x', 'curl', 'CU'],
  ])('letters %s', (id, name, want) => {
    expect(letters({ id, name })).toBe(want);
  });
});

describe('settings', () => {
  it('stand in sections, known ones first, and are searched by key and words', () => {
    const list = [
      aSetting({ section: 'zebra', key: 'zebra.x', label: 'X', description: '' }),
      aSetting(),
      aSetting({ section: 'ui', key: 'ui.theme', label: 'Theme', description: '' }),
    ];
    expect(sections(list, '').map(({ name }) => name)).toEqual(['ui', 'scheduling', 'zebra']);
    expect(sections(list, 'THEME').map(({ name }) => name)).toEqual(['ui']);
    expect(sections(list, 'max_wait').flatMap((section) => section.settings)).toHaveLength(1);
  });
});

describe('traffic figures', () => {
  it('count only what has ended as success or failure', () => {
    const figures = measure([
      anExchange(),
      anExchange({ status: 503, first_event_ms: null }),
      anExchange({ state: 'running', status: 0, first_event_ms: 100 }),
    ]);
    expect(figures).toEqual({ requests: 3, finished: 2, succeeded: 1, firstEvent: 900, tokens: 360 });
  });
  it('have no median of nothing', () => {
    expect(median([])).toBeUndefined();
    expect(median([5, 1, 3])).toBe(3);
  });
  it('put every request into one bar', () => {
    const at = (second: number, status = 200) =>
      anExchange({ started_at: new Date(second * 1000).toISOString(), status });
    const bars = histogram([at(10), at(0, 500), at(5)], 5);
    expect(bars.map(({ count }) => count)).toEqual([1, 0, 1, 0, 1]);
    expect(bars[0]?.failed).toBe(1);
    expect(histogram([at(3)], 4).at(-1)?.count).toBe(1);
    expect(histogram([], 3)).toHaveLength(3);
  });
  it('group base URL problems by client, the latest first', () => {
    const groups = groupProblems([
      aProblem({ client: 'SDK', last_seen_at: '2026-11-23T08:00:00Z' }),
      aProblem({ count: 2 }),
      aProblem({ count: 3, last_seen_at: '2026-11-23T11:00:00Z' }),
    ]);
    expect(groups.map(({ client, count }) => [client, count])).toEqual([
      ['Kilo Code', 5],
      ['SDK', 1],
    ]);
  });
});
