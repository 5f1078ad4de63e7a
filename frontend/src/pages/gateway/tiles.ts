import type { ConnectGuide } from '$lib/api';

/** Clients that the first run offers; the full list comes with the guides. */
export const CLIENT_TILES: readonly { id: string; name: string; letters: string }[] = [
  { id: 'kilo-code', name: 'Kilo Code', letters: 'KC' },
  { id: 'claude-code', name: 'Claude Code', letters: 'CC' },
  { id: 'codex', name: 'Codex', letters: 'CX' },
  { id: 'gemini-cli', name: 'Gemini CLI', letters: 'GC' },
  { id: 'openai-sdk', name: 'OpenAI SDK', letters: 'OS' },
];

/** Two letters for a tile: of two words, else the first two of one. */
export function letters({ id, name }: Pick<ConnectGuide, 'id' | 'name'>): string {
  const fixed = CLIENT_TILES.find((tile) => tile.id === id);
  if (fixed) return fixed.letters;
  const [first = '', second = ''] = name.split(/[\s-]+/);
  return (second ? first.slice(0, 1) + second.slice(0, 1) : first.slice(0, 2)).toUpperCase();
}
