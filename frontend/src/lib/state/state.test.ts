import { beforeEach, describe, expect, it, vi } from 'vitest';
import { stubRpc } from '../../test/rpc';
import { anAccount, anExchange, aSetting } from '../../test/samples';
import { accounts } from './accounts.svelte';
import { compileFilter } from './filter';
import { dispatchKey, keyName } from './keys.svelte';
import { hrefOf, parseHash } from './router.svelte';
import { listenAddress } from './server';
import { settings } from './settings.svelte';
import { toasts } from './toasts.svelte';

describe('the filter', () => {
  const row = anExchange({
    model: 'claude-opus-5-5',
    resolved_model: 'gemini-3.1-pro',
    status: 404,
    client: 'Kilo Code',
    account_name: 'work',
  });

  it.each([
    ['', true],
    ['kilo', true],
    ['codex', false],
    ['model:claude*', true],
    ['model:gemini', true],
    ['model:cl*5-5', true],
    ['model:gpt', false],
    ['status:4xx', true],
    ['status:404', true],
    ['status:5xx', false],
    ['status:running', false],
    ['account:work kilo', true],
    ['account:work codex', false],
    ['nosuch:thing', false],
  ])('%s', (text, want) => {
    expect(compileFilter(text)(row)).toBe(want);
  });

  it('finds running requests', () => {
    expect(compileFilter('status:running')(anExchange({ state: 'running', status: 0 }))).toBe(true);
  });
});

describe('the router', () => {
  it('reads what it writes, whatever the id holds', () => {
    expect(parseHash(hrefOf('traffic', 'a/b c%'))).toEqual({ page: 'traffic', rest: ['a/b c%'] });
  });
  it.each(['', '#', '#/', '#/nowhere/x', '#/%E0%A4%A'])('leads %o to the overview', (hash) => {
    expect(parseHash(hash)).toEqual({ page: 'overview', rest: [] });
  });
});

describe('keys', () => {
  it.each([
    [{ key: 'k', ctrlKey: true }, 'mod+k'],
    [{ key: 'S', metaKey: true, shiftKey: true }, 'mod+shift+s'],
    [{ key: '?', shiftKey: true }, '?'],
  ])('%o is %s', (init, want) => {
    expect(keyName(new KeyboardEvent('keydown', init))).toBe(want);
  });

  it('leaves what nobody registered to the page', () => {
    const event = new KeyboardEvent('keydown', { key: 'x', cancelable: true });
    dispatchKey(event);
    expect(event.defaultPrevented).toBe(false);
  });
});

describe('the address shown', () => {
  const server = (addresses: string[]) =>
    ({ addresses, port: 8045 }) as unknown as Parameters<typeof listenAddress>[0];
  it.each([
    [['127.0.0.1:8045', '[::1]:8045'], '127.0.0.1:8045'],
    [['0.0.0.0:8045'], '127.0.0.1:8045'],
    [['[::]:8045'], '127.0.0.1:8045'],
    [[':8045'], '127.0.0.1:8045'],
    [['192.168.1.24:8045'], '192.168.1.24:8045'],
    [[], '127.0.0.1:8045'],
  ])('%o is %s', (addresses, want) => {
    expect(listenAddress(server(addresses))).toBe(want);
  });
});

describe('a setting', () => {
  beforeEach(() => {
    settings.resource.set([aSetting()]);
  });

  it('is saved at once and says so', async () => {
    const calls = stubRpc({ SetSettings: () => [aSetting({ value: '60s', changed: true })] });
    const saving = settings.save('scheduling.max_wait', '60s');
    expect(settings.get('scheduling.max_wait')?.value).toBe('60s');
    await expect(saving).resolves.toBe(true);
    expect(calls[0]?.args).toEqual([{ changes: [{ key: 'scheduling.max_wait', value: '60s' }] }]);
    expect(settings.saves.get('scheduling.max_wait')).toEqual({ kind: 'saved' });
  });

  it('snaps back with the reason when it is refused', async () => {
    stubRpc({
      SetSettings: () => {
        throw new Error('must be a time');
      },
    });
    await settings.save('scheduling.max_wait', 'soon');
    expect(settings.get('scheduling.max_wait')?.value).toBe('30s');
    expect(settings.saves.get('scheduling.max_wait')).toMatchObject({
      kind: 'failed',
      error: { message: 'must be a time' },
    });
  });
});

describe('an account', () => {
  beforeEach(() => {
    toasts.items = [];
    accounts.resource.set([anAccount(), anAccount({ id: 'a2', name: 'spare' })]);
  });

  it('comes back by undo after it was removed', async () => {
    const calls = stubRpc({
      RemoveAccount: () => ({ id: 'a1', name: 'work', undo_until: '' }),
      RestoreAccount: () => anAccount(),
      ListAccounts: () => [anAccount()],
    });
    await accounts.remove(anAccount());
    expect(accounts.resource.data?.map(({ id }) => id)).toEqual(['a2']);
    toasts.items[0]?.action?.run();
    await vi.waitFor(() => {
      expect(calls.map(({ method }) => method)).toEqual(['RemoveAccount', 'RestoreAccount', 'ListAccounts']);
    });
  });

  it('is switched back when disabling fails, and the reason is told', async () => {
    stubRpc({
      DisableAccount: () => {
        throw new Error('the database is locked');
      },
    });
    const done = accounts.setEnabled(anAccount(), false);
    expect(accounts.find('a1')?.enabled).toBe(false);
    await done;
    expect(accounts.find('a1')?.enabled).toBe(true);
    expect(toasts.items[0]).toMatchObject({ tone: 'bad', title: 'the database is locked' });
  });
});
