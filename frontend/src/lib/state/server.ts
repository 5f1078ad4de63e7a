import type { BaseURLs, ServerState, ServerStatus } from '$lib/api';
import type { Tone } from '$lib/format';

/** The tone of each state of the listener. */
export const SERVER_TONES: Readonly<Record<ServerState, Tone>> = {
  starting: 'info',
  running: 'ok',
  stopping: 'info',
  stopped: 'quiet',
  failed: 'bad',
};

/** The address to show and copy: the first one listened on, with loopback in place of "all interfaces". */
export function listenAddress(server: ServerStatus): string {
  const first = server.addresses[0];
  if (!first || /^(0\.0\.0\.0|\[::\]|):/.test(first)) return `127.0.0.1:${String(server.port)}`;
  return first;
}

/** The base URL of each protocol with the clients that want it, in the order of display. */
export const BASE_URL_ROWS: readonly { protocol: keyof BaseURLs; name: string; clients: string }[] = [
  { protocol: 'openai', name: 'OpenAI', clients: 'Codex, OpenAI SDKs' },
  { protocol: 'anthropic', name: 'Anthropic', clients: 'Claude Code' },
  { protocol: 'gemini', name: 'Gemini', clients: 'Kilo Code, Gemini CLI' },
];
