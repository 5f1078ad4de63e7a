import { api, type CreatedKey, type Key, type LANCheck, type Route, type SetLANResult } from '$lib/api';
import { t } from '$lib/i18n/index.svelte';
import { app } from './app.svelte';
import { Resource } from './resource.svelte';
import { attempt, toasts } from './toasts.svelte';

class GatewayState {
  readonly keys = new Resource<Key[]>(() => api.ListKeys());
  readonly routes = new Resource<Route[]>(() => api.Routes());
  /** What became of asking this machine's outside addresses for the gateway. */
  readonly lanCheck = new Resource<LANCheck>(() => api.LanCheck({ address: '' }));
  /** Why the fresh key was made: LAN access wants one. */
  freshForLan = $state(false);
  /** A key whose secret may be shown once; every page shows it until it is closed. */
  fresh = $state.raw<CreatedKey | undefined>();
  /** A LAN switch that was asked for and is not answered yet. */
  switchingLan = $state(false);

  async setLan(enabled: boolean): Promise<SetLANResult | undefined> {
    this.switchingLan = true;
    const result = await attempt(api.SetLAN({ enabled }));
    this.switchingLan = false;
    if (!result) {
      await app.load();
      return undefined;
    }
    app.takeServer(result.server);
    if (result.new_key) this.#show(result.new_key, true);
    return result;
  }

  async createKey(name: string, expiresAt: string | null): Promise<CreatedKey> {
    const created = await api.CreateKey({ name, expires_at: expiresAt });
    this.#show(created);
    return created;
  }

  async rotateKey(key: Key): Promise<void> {
    const created = await attempt(api.RotateKey({ id: key.id }));
    if (created) this.#show(created);
  }

  async setKeyEnabled(key: Key, enabled: boolean): Promise<void> {
    this.#put({ ...key, enabled });
    const request = { id: key.id };
    this.#put((await attempt(enabled ? api.EnableKey(request) : api.DisableKey(request))) ?? key);
  }

  async revokeKey(key: Key): Promise<void> {
    const done = await attempt(api.RevokeKey({ id: key.id }).then(() => true));
    if (!done) return;
    this.keys.update((list) => list.filter(({ id }) => id !== key.id));
    toasts.show(t('gateway.keys.revoked', { name: key.name }));
  }

  #show(created: CreatedKey, forLan = false): void {
    this.fresh = created;
    this.freshForLan = forLan;
    this.keys.update((list) => [...list.filter(({ id }) => id !== created.key.id), created.key]);
  }

  #put(key: Key): void {
    this.keys.update((list) => list.map((old) => (old.id === key.id ? key : old)));
  }
}

export const gateway = new GatewayState();
