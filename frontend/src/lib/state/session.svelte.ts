import { api, inWindow } from '$lib/api';
import { whenUnauthenticated } from '$lib/api/bridge';
import type { Envelope } from '$lib/api/envelope';
import { openEvents, type Link } from '$lib/api/events';
import { hasSession, signIn, signOut } from '$lib/api/console';
import { t } from '$lib/i18n/index.svelte';
import { accounts } from './accounts.svelte';
import { app } from './app.svelte';
import { clients } from './clients.svelte';
import { connect } from './connect.svelte';
import { doctor } from './doctor.svelte';
import { gateway } from './gateway.svelte';
import { settings } from './settings.svelte';
import { attempt, toasts } from './toasts.svelte';
import { traffic } from './traffic.svelte';

export type Access = 'unknown' | 'granted' | 'denied';

const resources = [
  app.resource,
  accounts.resource,
  gateway.keys,
  gateway.routes,
  connect.resource,
  clients.resource,
  settings.resource,
  traffic.resource,
  traffic.problems,
];

/** Who may see the page, and how fresh what it shows is. */
class Session {
  access = $state<Access>('unknown');
  link = $state<Link>('connecting');
  #seq: number | undefined;
  #fetched = false;
  #close: (() => void) | undefined;

  /** Loads the state and then opens the event stream; a missing session leads to the login page. */
  async start(): Promise<void> {
    whenUnauthenticated(() => {
      this.#deny();
    });
    if ((await hasSession()) === false) {
      this.#deny();
      return;
    }
    await app.load();
    this.access = 'granted';
    void accounts.providers.load();
    this.#open();
  }

  async login(password: string): Promise<void> {
    await signIn(password);
    this.access = 'unknown';
    await this.start();
  }

  async logout(): Promise<void> {
    await signOut();
    this.#deny();
  }

  /** Signs every web console out, this one included; the window needs none and stays. */
  async endAll(): Promise<void> {
    const done = await attempt(api.EndConsoleSessions().then(() => true));
    if (!done) return;
    if (inWindow()) toasts.show(t('settings.consoles.done'), { tone: 'ok' });
    else this.#deny();
  }

  stop(): void {
    this.#fetched = false;
    this.#close?.();
    this.#close = undefined;
  }

  /** Fetches every list anew: at the start, after a reconnect, and when events were lost. */
  async reload(): Promise<void> {
    await Promise.all(resources.filter((resource) => resource !== app.resource).map((r) => r.load()));
  }

  take(event: Envelope): void {
    const expected = this.#seq === undefined ? undefined : this.#seq + 1;
    this.#seq = event.seq;
    if (expected !== undefined && event.topic !== 'state' && event.seq > expected) void this.reload();
    this.#route(event);
  }

  #open(): void {
    this.stop();
    this.#close = openEvents({
      onEvent: (event) => {
        this.take(event);
      },
      onLink: (link) => {
        this.#follow(link);
      },
      onRefused: async () => {
        const open = (await hasSession()) !== false;
        if (!open) this.#deny();
        return open;
      },
    });
  }

  #follow(link: Link): void {
    if (link === 'lost') for (const resource of resources) resource.markStale();
    const regained = this.link === 'lost' && link === 'live';
    this.link = link;
    if (regained) void app.load();
    // Lists are fetched after the stream stands, so that nothing falls between the two.
    if (link === 'connecting' || (link === 'lost' && this.#fetched)) return;
    this.#fetched = true;
    this.#seq = undefined;
    void this.reload();
  }

  #route(event: Envelope): void {
    switch (event.topic) {
      case 'state':
        // Addresses and auth mode stand in the route table, the guides and the clients' states too.
        if (JSON.stringify(event.data.server) !== JSON.stringify(app.server)) {
          void Promise.all([gateway.routes.load(), connect.resource.load(), clients.resource.load()]);
        }
        app.take(event.data);
        break;
      case 'accounts':
        accounts.resource.set(event.data);
        break;
      case 'keys':
        gateway.keys.set(event.data);
        break;
      case 'settings':
        settings.take(event.data);
        break;
      case 'traffic':
        traffic.take(event.data);
        break;
      case 'problems':
        traffic.problems.set(event.data);
        break;
      case 'doctor':
        doctor.take(event.data);
        break;
      case 'toast':
        toasts.show(event.data.title, { tone: event.data.severity, detail: event.data.detail });
        break;
    }
  }

  #deny(): void {
    this.stop();
    this.access = 'denied';
  }
}

export const session = new Session();
