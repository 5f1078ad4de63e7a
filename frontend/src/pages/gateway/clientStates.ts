import type { ClientState, CodingClient } from '$lib/api';
import type { Tone } from '$lib/format';

/** The tone of each state of a client's settings. */
export const CLIENT_TONES: Readonly<Record<ClientState, Tone>> = {
  not_set_up: 'quiet',
  set_up: 'ok',
  changed: 'warn',
  outdated: 'warn',
  by_hand: 'ok',
  elsewhere: 'quiet',
  broken: 'bad',
};

/** What a tile says: settings that were touched count more than a program that was not found. */
export function clientWord(client: Pick<CodingClient, 'state' | 'installed'>): ClientState | 'not_installed' {
  return client.state === 'not_set_up' && !client.installed ? 'not_installed' : client.state;
}

/** True where setting up again would mend something that we wrote. */
export const canReapply = ({ state }: Pick<CodingClient, 'state'>): boolean =>
  state === 'set_up' || state === 'changed' || state === 'outdated';

const PLACE = /:(\d+):(\d+): /;

/** Takes "path:line:column: why" apart, as broken files are reported. */
export function brokenAt(error: string): { line: number; column: number; why: string } | undefined {
  const found = PLACE.exec(error);
  if (!found) return undefined;
  return {
    line: Number(found[1]),
    column: Number(found[2]),
    why: error.slice(found.index + found[0].length),
  };
}

/** The number in what a program says of its version: "codex-cli 0.44.0" → "0.44.0". */
export const versionNumber = (text: string): string => /\d+(?:\.\d+)+[\w.+-]*/.exec(text)?.[0] ?? text;
