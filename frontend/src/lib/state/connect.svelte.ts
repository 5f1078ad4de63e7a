import { api, type ConnectGuide } from '$lib/api';
import { Resource } from './resource.svelte';

/** What the guides are filled with, and the guides themselves. */
class ConnectState {
  /** The chosen client key; empty leaves a placeholder in the texts. */
  keyId = $state('');
  /** An address of this machine for guides of another machine; empty is loopback. */
  host = $state('');
  readonly resource = new Resource<ConnectGuide[]>(() =>
    api.ConnectGuides({ key_id: this.keyId, model: '', host: this.host }),
  );

  find(id: string | undefined): ConnectGuide | undefined {
    return this.resource.data?.find((guide) => guide.id === id);
  }

  choose(change: { keyId?: string; host?: string }): void {
    this.keyId = change.keyId ?? this.keyId;
    this.host = change.host ?? this.host;
    void this.resource.load();
  }
}

export const connect = new ConnectState();
