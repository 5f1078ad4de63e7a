import { api, toApiError, type ApiError, type Setting } from '$lib/api';
import { Resource } from './resource.svelte';
import { theme } from './theme.svelte';

/** How the last change of one setting went. */
export type SaveState = { kind: 'saving' } | { kind: 'saved' } | { kind: 'failed'; error: ApiError };

const SAVED_MS = 1500;

class SettingsState {
  readonly resource = new Resource<Setting[]>(() => api.ListSettings());
  saves = $state.raw<ReadonlyMap<string, SaveState>>(new Map());

  get(key: string): Setting | undefined {
    return this.resource.data?.find((setting) => setting.key === key);
  }

  /** Takes changed settings, from an answer or an event. */
  take(changed: Setting[]): void {
    const byKey = new Map(changed.map((setting) => [setting.key, setting]));
    this.resource.update((list) => list.map((old) => byKey.get(old.key) ?? old));
    const chosen = byKey.get('ui.theme');
    if (chosen) theme.apply(chosen.value);
  }

  /** Saves one value at once; on failure the old value is back and the reason stands beside it. */
  async save(key: string, value: string): Promise<boolean> {
    const before = this.get(key);
    if (before) this.take([{ ...before, value }]);
    return this.#run(key, before, () => api.SetSettings({ changes: [{ key, value }] }));
  }

  async reset(key: string): Promise<boolean> {
    return this.#run(key, this.get(key), () => api.UnsetSettings({ keys: [key] }));
  }

  async #run(key: string, before: Setting | undefined, work: () => Promise<Setting[]>): Promise<boolean> {
    this.#mark(key, { kind: 'saving' });
    try {
      this.take(await work());
      this.#mark(key, { kind: 'saved' });
      setTimeout(() => {
        if (this.saves.get(key)?.kind === 'saved') this.#mark(key, undefined);
      }, SAVED_MS);
      return true;
    } catch (raw) {
      if (before) this.take([before]);
      this.#mark(key, { kind: 'failed', error: toApiError(raw) });
      return false;
    }
  }

  #mark(key: string, state: SaveState | undefined): void {
    const next = new Map(this.saves);
    if (state) next.set(key, state);
    else next.delete(key);
    this.saves = next;
  }
}

export const settings = new SettingsState();
