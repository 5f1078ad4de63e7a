import { api, type ConnectGuide } from '$lib/api';
import { Resource } from './resource.svelte';

const TYPING_MS = 300;

/** What the guides are filled with, and the guides themselves. */
class ConnectState {
  /** The chosen client key; empty leaves a placeholder in the texts. */
  keyId = $state('');
  /** An address of this machine for guides of another machine; empty is loopback. */
  host = $state('');
  /** The model in the texts; empty is one that fits. */
  model = $state('');
  /** The language of the snippets, as the guides name it. */
  language = $state('curl');
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly resource = new Resource<ConnectGuide[]>(() =>
    api.ConnectGuides({ key_id: this.keyId, model: this.model.trim(), host: this.host }),
  );

  /** The guide of the client that a problem names, such as "Kilo Code". */
  byTitle(title: string): ConnectGuide | undefined {
    const wanted = title.toLowerCase();
    return this.resource.data?.find(({ name }) => wanted.includes(name.toLowerCase()));
  }

  find(id: string | undefined): ConnectGuide | undefined {
    return this.resource.data?.find((guide) => guide.id === id);
  }

  choose(change: { keyId?: string; host?: string; model?: string }): void {
    this.model = change.model ?? this.model;
    this.keyId = change.keyId ?? this.keyId;
    this.host = change.host ?? this.host;
    clearTimeout(this.#timer);
    // A name is typed letter by letter.
    this.#timer = setTimeout(() => void this.resource.load(), change.model === undefined ? 0 : TYPING_MS);
  }
}

export const connect = new ConnectState();
