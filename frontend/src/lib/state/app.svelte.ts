import { api, type PoolCounts, type ServerStatus, type State } from '$lib/api';
import { setLanguage } from '$lib/i18n/index.svelte';
import { Resource } from './resource.svelte';
import { theme } from './theme.svelte';
import { attempt } from './toasts.svelte';

/** The state that every page shows a part of: server, pool, attention, first run. */
class AppState {
  readonly resource = new Resource<State>(() => api.State());
  /** A start or stop that was asked for and is not answered yet. */
  switching = $state(false);

  get state(): State | undefined {
    return this.resource.data;
  }
  get server(): ServerStatus | undefined {
    return this.state?.server;
  }
  get pool(): PoolCounts | undefined {
    return this.state?.pool;
  }

  take(state: State): void {
    this.resource.set(state);
    setLanguage(state.language);
    if (state.theme !== theme.choice) theme.apply(state.theme);
  }

  async load(): Promise<void> {
    await this.resource.load();
    if (this.resource.value.status === 'ready') this.take(this.resource.value.data);
  }

  takeServer(server: ServerStatus): void {
    this.resource.update((state) => ({ ...state, server }));
  }

  async setRunning(on: boolean): Promise<void> {
    this.switching = true;
    const server = await attempt(on ? api.StartServer() : api.StopServer());
    this.switching = false;
    if (server) this.takeServer(server);
    else await this.load();
  }

  async toggleRunning(): Promise<void> {
    if (this.switching || !this.server) return;
    await this.setRunning(!['running', 'starting'].includes(this.server.state));
  }

  /** Moves the listener; on failure the old one is back and the words say why. */
  async setPort(port: number): Promise<ServerStatus | undefined> {
    const server = await attempt(api.SetPort({ port }));
    if (server) this.takeServer(server);
    else await this.load();
    return server;
  }
}

export const app = new AppState();
