import { ApiError, toApiError } from './errors';

/** What Wails puts on `window` inside the desktop app. */
export interface NativeHost {
  go?: { admin?: { API?: Record<string, (...args: unknown[]) => Promise<unknown>> } };
  runtime?: { EventsOn?: (name: string, callback: (data: unknown) => void) => () => void };
}

export type Verb = (...args: unknown[]) => Promise<unknown>;

/** The path of the RPC endpoint; the page may be served below any path, the API never is. */
export const RPC_PATH = '/api/rpc/';

const native = (): NativeHost => window as unknown as NativeHost;

/** True inside the desktop window, where verbs are bound functions and no password is needed. */
export const inWindow = (): boolean =>
  native().runtime?.EventsOn !== undefined && native().go?.admin?.API !== undefined;

let onUnauthenticated: () => void = () => undefined;

/** Registers what happens when the console session is missing or over. */
export function whenUnauthenticated(handler: () => void): void {
  onUnauthenticated = handler;
}

/** Calls one verb of the application service over whichever transport there is. */
export async function call(method: string, args: unknown[]): Promise<unknown> {
  const bound = native().go?.admin?.API?.[method];
  if (inWindow() && bound) {
    try {
      return await bound(...args);
    } catch (raw) {
      throw toApiError(raw);
    }
  }
  return post(method, args);
}

async function post(method: string, args: unknown[]): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(RPC_PATH + encodeURIComponent(method), {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(args),
    });
  } catch {
    throw new ApiError({
      code: 'unreachable',
      message: 'Antigravity Tools does not answer.',
      hint: 'Check that it is still running, then try again.',
    });
  }
  const body = await readJson(response);
  if (response.ok) return body;
  if (response.status === 401) onUnauthenticated();
  throw toApiError(body ?? `The request was answered with status ${String(response.status)}.`);
}

async function readJson(response: Response): Promise<unknown> {
  const raw = await response.text();
  if (raw === '') return null;
  try {
    return JSON.parse(raw) as unknown;
  } catch {
    return null;
  }
}
