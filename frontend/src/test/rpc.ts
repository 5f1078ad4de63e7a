import { vi } from 'vitest';

export interface Call {
  method: string;
  args: unknown[];
}

/** Answers RPC posts from a table of verbs; a verb that throws answers 400 with its message. */
export function stubRpc(verbs: Record<string, (...args: never[]) => unknown>): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const method = url.slice(url.lastIndexOf('/') + 1);
    const args = JSON.parse(String(init.body)) as never[];
    calls.push({ method, args });
    await Promise.resolve();
    const verb = verbs[method];
    if (!verb)
      return Response.json({ code: 'unknown_verb', message: `no verb ${method}`, hint: '' }, { status: 404 });
    try {
      return Response.json(verb(...args) ?? null);
    } catch (error) {
      return Response.json(
        {
          code: 'invalid_request',
          message: error instanceof Error ? error.message : 'failed',
          hint: 'do it right',
        },
        { status: 400 },
      );
    }
  });
  return calls;
}
