import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClientPlan } from '$lib/api';
import { clients } from '$lib/state/clients.svelte';
import { stubRpc } from '../../test/rpc';
import { aClient, aGuide } from '../../test/samples';
import { brokenAt, canReapply, clientWord, versionNumber } from './clientStates';
import { usableKeys } from './choices';
import { Setup } from './setup.svelte';
import { tilesOf } from './tiles';

const aPlan = (over: Partial<ClientPlan> = {}): ClientPlan => ({
  name: 'codex',
  title: 'Codex',
  changed: true,
  files: [],
  warnings: [],
  notes: [],
  root: 'http://127.0.0.1:8045',
  model: 'm',
  small_model: 'm',
  key_name: 'codex',
  key_is_new: true,
  model_known: true,
  small_known: true,
  backups: '/b',
  digest: 'd1',
  restore_of: '',
  ...over,
});

beforeEach(() => {
  clients.resource.set({ machine: 'm', home: '/h', clients: [aClient()] });
});

describe('setting a client up', () => {
  it('writes nothing but the plan that was shown', async () => {
    const calls = stubRpc({
      ClientPlan: () => aPlan(),
      ClientApply: () => aClient({ state: 'set_up', version: '1.2' }),
    });
    const setup = new Setup('codex');
    expect(await setup.apply()).toBe(false); // no plan is shown yet
    await vi.waitFor(() => {
      expect(setup.plan.value.status).toBe('ready');
    });
    expect(await setup.apply()).toBe(true);
    expect(calls.find(({ method }) => method === 'ClientApply')?.args).toEqual([
      { name: 'codex', key_id: '', model: '', small_model: '', digest: 'd1' },
    ]);
    expect(clients.find('codex')?.state).toBe('set_up');
    expect(clients.versions.get('codex')).toBe('1.2');
    expect(calls.at(-1)?.method).toBe('ClientPlan'); // what is left to write
  });

  it('says why nothing was written and shows the plan anew', async () => {
    const calls = stubRpc({
      ClientPlan: () => aPlan(),
      ClientApply: () => {
        throw new Error('the files are not as the plan showed them');
      },
    });
    const setup = new Setup('codex');
    await setup.plan.load();
    expect(await setup.apply()).toBe(false);
    expect(setup.error?.message).toContain('not as the plan showed');
    expect(setup.busy).toBe(false);
    expect(calls.at(-1)?.method).toBe('ClientPlan');
  });

  it('plans once typing rests, with the last choice', async () => {
    vi.useFakeTimers();
    const calls = stubRpc({ ClientPlan: () => aPlan() });
    const setup = new Setup('codex');
    setup.choose({ model: 'a' });
    setup.choose({ model: ' ab ' });
    setup.choose({ keyId: 'k1' });
    await vi.advanceTimersByTimeAsync(400);
    vi.useRealTimers();
    expect(calls.map(({ args }) => args[0])).toEqual([
      { name: 'codex', key_id: '', model: '', small_model: '' },
      { name: 'codex', key_id: 'k1', model: 'ab', small_model: '' },
    ]);
  });

  it('takes back only what was shown', async () => {
    const calls = stubRpc({
      ClientPlan: () => aPlan(),
      ClientPlanRestore: () => aPlan({ digest: 'back' }),
      ClientRestore: () => aClient(),
    });
    const setup = new Setup('codex');
    expect(await setup.restore()).toBe(false);
    await setup.askRestore();
    expect(setup.restoring?.digest).toBe('back');
    expect(await setup.restore()).toBe(true);
    expect(calls.find(({ method }) => method === 'ClientRestore')?.args).toEqual([
      { name: 'codex', digest: 'back' },
    ]);
  });

  it('tells a refusal of the call as an outcome, a failure as an error', async () => {
    const refused = {
      name: 'codex',
      url: 'u',
      model: 'm',
      ok: false,
      status: 404,
      answer: '',
      error: 'no',
      latency_ms: 1,
    };
    stubRpc({ ClientPlan: () => aPlan(), ClientVerify: () => refused });
    const setup = new Setup('codex');
    await setup.verify();
    expect(setup.verifying).toMatchObject({ phase: 'done', result: { status: 404 } });
    stubRpc({ ClientPlan: () => aPlan() });
    await setup.verify();
    expect(setup.verifying).toMatchObject({ phase: 'failed' });
  });
});

describe('what is said of a client', () => {
  it('names the state before the missing program', () => {
    expect(clientWord({ state: 'not_set_up', installed: false })).toBe('not_installed');
    expect(clientWord({ state: 'set_up', installed: false })).toBe('set_up');
  });
  it('offers to set up again only what was set up', () => {
    expect(
      (['set_up', 'changed', 'outdated', 'by_hand', 'elsewhere', 'broken', 'not_set_up'] as const).filter(
        (state) => canReapply({ state }),
      ),
    ).toEqual(['set_up', 'changed', 'outdated']);
  });
  it('writes the home directory as a tilde, and nothing that only begins alike', () => {
    expect(clients.short('/h/.codex/config.toml')).toBe('~/.codex/config.toml');
    expect(clients.short('/home/x')).toBe('/home/x');
  });
  it('takes the number out of what a program says', () => {
    expect(['2.1.3 (Claude Code)', 'codex-cli 0.44.0-alpha.1', 'nightly'].map(versionNumber)).toEqual([
      '2.1.3',
      '0.44.0-alpha.1',
      'nightly',
    ]);
  });
  it('finds line and column of a broken file', () => {
    expect(brokenAt('C:\\x\\a.json:12:7: a comma: missing')).toEqual({
      line: 12,
      column: 7,
      why: 'a comma: missing',
    });
    expect(brokenAt('/x/a.json: unreadable')).toBeUndefined();
  });
  it('lists clients before guides that belong to none, snippets last', () => {
    const guide = aGuide();
    const tiles = tilesOf(
      [aClient()],
      [
        { ...guide, id: 'curl', kind: 'sdk' },
        { ...guide, id: 'codex', kind: 'client' },
        { ...guide, id: 'other', kind: 'client' },
      ],
    );
    expect(tiles.map(({ id, client, guide: g }) => [id, client !== undefined, g !== undefined])).toEqual([
      ['codex', true, true],
      ['other', false, true],
      ['curl', false, true],
    ]);
  });
  it('offers no key that would be refused', () => {
    const key = { prefix: 'p', created_at: '', last_used_at: null, expires_at: null, source: '' };
    expect(
      usableKeys([
        { ...key, id: '1', name: 'a', enabled: true, expired: false },
        { ...key, id: '2', name: 'b', enabled: false, expired: false },
        { ...key, id: '3', name: 'c', enabled: true, expired: true },
      ]).map(({ value }) => value),
    ).toEqual(['1']);
  });
});
