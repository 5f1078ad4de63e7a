import type { CodingClient, ConnectGuide } from '$lib/api';

/** Clients that the first run offers where none is known to be installed. */
export const CLIENT_TILES: readonly { id: string; name: string; letters: string }[] = [
  { id: 'kilo-code', name: 'Kilo Code', letters: 'KC' },
  { id: 'claude-code', name: 'Claude Code', letters: 'CC' },
  { id: 'codex', name: 'Codex', letters: 'CX' },
  { id: 'gemini-cli', name: 'Gemini CLI', letters: 'GC' },
  { id: 'openai-sdk', name: 'OpenAI SDK', letters: 'OS' },
];

/** One tile: a client that can be set up, a guide, or both under one name. */
export interface ConnectTile {
  id: string;
  name: string;
  client: CodingClient | undefined;
  guide: ConnectGuide | undefined;
}

/** Clients first, as they are listed; then the guides that belong to none. */
export function tilesOf(list: readonly CodingClient[], guides: readonly ConnectGuide[]): ConnectTile[] {
  const own = list.map((client) => ({
    id: client.name,
    name: client.title,
    client,
    guide: guides.find(({ id }) => id === client.name),
  }));
  const rest = guides
    .filter((guide) => !list.some(({ name }) => name === guide.id))
    .map((guide) => ({ id: guide.id, name: guide.name, client: undefined, guide }));
  return [
    ...own,
    ...rest.filter(({ guide }) => guide.kind !== 'sdk'),
    ...rest.filter(({ guide }) => guide.kind === 'sdk'),
  ];
}

/** What the first run offers: what is installed here, then what many have. */
export function firstTiles(list: readonly CodingClient[]): { id: string; name: string }[] {
  const installed = list
    .filter((client) => client.installed)
    .map(({ name, title }) => ({ id: name, name: title }));
  const rest = CLIENT_TILES.filter(({ id }) => !installed.some((tile) => tile.id === id));
  return [...installed, ...rest.map(({ id, name }) => ({ id, name }))].slice(0, 5);
}

/** Two letters for a tile: of two words, else the first two of one. */
export function letters({ id, name }: Pick<ConnectGuide, 'id' | 'name'>): string {
  const fixed = CLIENT_TILES.find((tile) => tile.id === id);
  if (fixed) return fixed.letters;
  const [first = '', second = ''] = name.split(/[\s-]+/);
  return (second ? first.slice(0, 1) + second.slice(0, 1) : first.slice(0, 2)).toUpperCase();
}
