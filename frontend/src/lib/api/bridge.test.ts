import { afterEach, describe, expect, it, vi } from 'vitest';
import { stubRpc } from '../../test/rpc';
import { whenUnauthenticated } from './bridge';
import { api } from './client';
import { ApiError, toApiError } from './errors';

const host = window as unknown as Record<string, unknown>;

afterEach(() => {
  delete host['go'];
  delete host['runtime'];
  whenUnauthenticated(() => undefined);
});

describe('over HTTP', () => {
  it('posts the arguments as an array and gives the answer', async () => {
    const calls = stubRpc({ CheckPort: (request: { port: number }) => ({ port: request.port, free: true }) });
    await expect(api.CheckPort({ port: 8046 })).resolves.toMatchObject({ port: 8046, free: true });
    await api.CheckPort({ port: 1 });
    expect(calls[0]).toEqual({ method: 'CheckPort', args: [{ port: 8046 }] });
  });

  it('sends an empty array for a verb without a request', async () => {
    const calls = stubRpc({ ListAccounts: () => [] });
    await api.ListAccounts();
    expect(calls).toEqual([{ method: 'ListAccounts', args: [] }]);
  });

  it('keeps code, message and hint of a failure', async () => {
    stubRpc({
      StartServer: () => {
        throw new Error('Port 8045 is taken');
      },
    });
    const error = await api.StartServer().catch((raw: unknown) => raw);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      code: 'invalid_request',
      message: 'Port 8045 is taken',
      hint: 'do it right',
    });
  });

  it('tells of a missing session', async () => {
    const denied = vi.fn();
    whenUnauthenticated(denied);
    vi.stubGlobal('fetch', () =>
      Promise.resolve(Response.json({ code: 'unauthenticated', message: 'sign in first' }, { status: 401 })),
    );
    await expect(api.State()).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(denied).toHaveBeenCalledOnce();
  });

  it('says in words that nobody answers', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    await expect(api.State()).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('survives an answer that is not JSON', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('<html>', { status: 502 })));
    await expect(api.State()).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('502') as string,
    });
  });
});

describe('in the window', () => {
  const bind = (method: (...args: unknown[]) => Promise<unknown>): void => {
    host['go'] = { admin: { API: { SetPort: method } } };
    host['runtime'] = { EventsOn: () => () => undefined };
  };

  it('calls the bound function and no network', async () => {
    const calls = stubRpc({});
    const bound = vi.fn().mockResolvedValue({ port: 8046 });
    bind(bound);
    await expect(api.SetPort({ port: 8046 })).resolves.toEqual({ port: 8046 });
    expect(bound).toHaveBeenCalledWith({ port: 8046 });
    expect(calls).toEqual([]);
  });

  it('understands the formatted error, as object and as text', async () => {
    bind(() =>
      Promise.reject(
        Object.assign(new Error(), { code: 'port_taken', message: 'Port 80 is taken', hint: '' }),
      ),
    );
    await expect(api.SetPort({ port: 80 })).rejects.toMatchObject({
      code: 'port_taken',
      message: 'Port 80 is taken',
    });
    bind(() => Promise.reject('{"code":"port_taken","message":"Port 80 is taken","hint":"use 8046"}'));
    await expect(api.SetPort({ port: 80 })).rejects.toMatchObject({ code: 'port_taken', hint: 'use 8046' });
  });
});

describe('toApiError', () => {
  it.each([[undefined], [null], [42], [''], [{}], [{ message: 7 }]])('gives words for %o', (raw) => {
    expect(toApiError(raw).message).not.toBe('');
  });

  it('unwraps an error member', () => {
    expect(toApiError({ error: { code: 'x', message: 'm', hint: 'h' } })).toMatchObject({
      code: 'x',
      message: 'm',
      hint: 'h',
    });
  });
});
