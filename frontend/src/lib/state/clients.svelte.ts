import { api, type ClientOverview, type CodingClient } from '$lib/api';
import { Resource } from './resource.svelte';

/** The coding clients of the gateway's machine. A console of another machine is refused: see `away`. */
class ClientsState {
  readonly resource = new Resource<ClientOverview>(() => api.ClientList());
  /** Versions by client name; asking runs the client's program, so each is asked once. */
  versions = $state.raw<ReadonlyMap<string, string>>(new Map());
  #asked = new Set<string>();

  /** This page is not read at the gateway's machine: what is to be entered can only be told. */
  get away(): boolean {
    return this.resource.value.error?.code === 'local_only';
  }

  find(name: string | undefined): CodingClient | undefined {
    return this.resource.data?.clients.find((client) => client.name === name);
  }

  /** The client that a problem names: as people know it, such as "Kilo Code". */
  byTitle(title: string): CodingClient | undefined {
    const wanted = title.toLowerCase();
    if (wanted === '') return undefined;
    return this.resource.data?.clients.find((client) => wanted.includes(client.title.toLowerCase()));
  }

  /** A path as people write it: the home directory is a tilde. */
  short(path: string): string {
    const home = this.resource.data?.home ?? '';
    const rest = path.slice(home.length);
    return home !== '' && path.startsWith(home) && /^[\\/]/.test(rest) ? `~${rest}` : path;
  }

  /** Takes what a verb answered about one client. */
  put(client: CodingClient): void {
    if (client.version) this.#setVersion(client.name, client.version);
    this.resource.update((overview) => ({
      ...overview,
      clients: overview.clients.map((old) => (old.name === client.name ? client : old)),
    }));
  }

  /** Asks the installed programs for their versions, one after the other: each is started for it. */
  async askVersions(overview: ClientOverview): Promise<void> {
    for (const { name, installed } of overview.clients) {
      if (!installed || this.#asked.has(name)) continue;
      this.#asked.add(name);
      try {
        this.#setVersion(name, (await api.ClientShow({ name })).version);
      } catch {
        this.#asked.delete(name); // asked again with the next list
      }
    }
  }

  #setVersion(name: string, version: string): void {
    this.versions = new Map(this.versions).set(name, version);
  }
}

export const clients = new ClientsState();
