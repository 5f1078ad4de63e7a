import { api, type BaseURLProblem, type Exchange } from '$lib/api';
import { Resource } from './resource.svelte';
import { attempt } from './toasts.svelte';

/** The page keeps this many exchanges at most, however long it stays open. */
export const MOST_ROWS = 1000;
const FIRST_PAGE = 200;

class TrafficState {
  readonly resource = new Resource<Exchange[]>(async () => {
    const meanwhile = new Map<string, Exchange>();
    this.#meanwhile = meanwhile;
    const page = await api.RecentTraffic({ limit: FIRST_PAGE, before_id: '' });
    // The answer may be older than events that overtook it.
    return mergeExchanges(page.exchanges, meanwhile, MOST_ROWS);
  });
  readonly problems = new Resource<BaseURLProblem[]>(() => api.BaseURLProblems());

  filter = $state('');
  /** Why the list stands still: by the pause button, or because the reader has scrolled down. */
  paused = $state(false);
  scrolled = $state(false);
  /** The newest row that may show while the list stands still; rows already shown go on changing. */
  #heldFrom = $state.raw<string | undefined>();
  #pending = new Map<string, Exchange>();
  #meanwhile: Map<string, Exchange> | undefined;
  #scheduled = false;

  get held(): boolean {
    return this.paused || this.scrolled;
  }

  /** How many exchanges came since the list was held. */
  get waiting(): number {
    if (!this.held || this.#heldFrom === undefined) return 0;
    return Math.max(
      0,
      (this.resource.data ?? []).findIndex(({ id }) => id === this.#heldFrom),
    );
  }

  /** What the list shows now, newest first. */
  get rows(): Exchange[] {
    const list = this.resource.data ?? [];
    return this.waiting > 0 ? list.slice(this.waiting) : list;
  }

  setPaused(paused: boolean): void {
    this.#hold(() => (this.paused = paused));
  }

  setScrolled(scrolled: boolean): void {
    if (scrolled !== this.scrolled) this.#hold(() => (this.scrolled = scrolled));
  }

  #hold(change: () => void): void {
    const before = this.held;
    change();
    if (!before && this.held) this.#heldFrom = this.resource.data?.[0]?.id;
    if (!this.held) this.#heldFrom = undefined;
  }

  clear(): void {
    this.resource.set([]);
    this.#heldFrom = undefined;
  }

  /** Takes one exchange of the live feed; a burst is drawn once per frame. */
  take(exchange: Exchange): void {
    this.#pending.set(exchange.id, exchange);
    this.#meanwhile?.set(exchange.id, exchange);
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.flush();
    });
  }

  flush(): void {
    this.#scheduled = false;
    const arrived = this.#pending;
    if (arrived.size === 0) return;
    this.#pending = new Map();
    this.resource.update((list) => mergeExchanges(list, arrived, MOST_ROWS));
  }

  async clearProblems(): Promise<void> {
    const done = await attempt(api.ClearBaseURLProblems().then(() => true));
    if (done) this.problems.set([]);
  }
}

/** Replaces what is known, puts what is new on top, and keeps the newest `most`. */
export function mergeExchanges(
  list: readonly Exchange[],
  arrived: ReadonlyMap<string, Exchange>,
  most: number,
): Exchange[] {
  const fresh = new Map(arrived);
  const merged = list.map((old) => {
    const next = fresh.get(old.id);
    fresh.delete(old.id);
    return next ?? old;
  });
  return [...[...fresh.values()].reverse(), ...merged].slice(0, most);
}

export const traffic = new TrafficState();
