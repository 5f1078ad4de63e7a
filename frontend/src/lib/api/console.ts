import { inWindow } from './bridge';
import { ApiError, toApiError } from './errors';

const LOGIN_PATH = '/api/session';

/** Whether a console session is open; undefined when nobody answers. The window needs none. */
export async function hasSession(): Promise<boolean | undefined> {
  if (inWindow()) return true;
  try {
    const response = await send('GET');
    const answer = (await response.json()) as { authenticated?: unknown };
    return response.ok && answer.authenticated === true;
  } catch {
    return undefined;
  }
}

/** Opens a console session with the admin password; the cookie that comes back is not readable here. */
export async function signIn(password: string): Promise<void> {
  const response = await send('POST', JSON.stringify({ password }));
  if (response.ok) return;
  const raw = await response.text();
  throw toApiError(raw || `The sign-in was answered with status ${String(response.status)}.`);
}

/** Ends the console session. */
export async function signOut(): Promise<void> {
  await send('DELETE');
}

async function send(method: string, body?: string): Promise<Response> {
  try {
    return await fetch(LOGIN_PATH, {
      method,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body, headers: { 'Content-Type': 'application/json' } }),
    });
  } catch {
    throw new ApiError({
      code: 'unreachable',
      message: 'Antigravity Tools does not answer.',
      hint: 'Check that it is still running, then try again.',
    });
  }
}
