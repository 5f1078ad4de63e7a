import { beforeEach, describe, expect, it } from 'vitest';
import { stubRpc, type Call } from '../../test/rpc';
import { anAccount } from '../../test/samples';
import { accounts } from './accounts.svelte';
import { session } from './session.svelte';
import { toasts } from './toasts.svelte';

let calls: Call[] = [];

beforeEach(() => {
  calls = stubRpc({});
});

describe('events', () => {
  it('replace the list they are about', () => {
    session.take({ topic: 'accounts', seq: 10, data: [anAccount({ name: 'fresh' })] });
    expect(accounts.resource.data?.[0]?.name).toBe('fresh');
  });

  it('in a row need no reload', () => {
    session.take({ topic: 'problems', seq: 11, data: [] });
    session.take({ topic: 'problems', seq: 12, data: [] });
    expect(calls).toEqual([]);
  });

  it('after a gap make the page fetch its lists anew', () => {
    session.take({ topic: 'problems', seq: 20, data: [] });
    expect(calls.map(({ method }) => method)).toEqual(
      expect.arrayContaining(['ListAccounts', 'ListKeys', 'RecentTraffic', 'ListSettings']),
    );
  });

  it('can carry a notice', () => {
    session.take({
      topic: 'toast',
      seq: 21,
      data: { severity: 'warn', title: 'Disk is full', detail: 'Usage is not recorded.' },
    });
    expect(toasts.items.at(-1)).toMatchObject({ tone: 'warn', title: 'Disk is full' });
  });
});
