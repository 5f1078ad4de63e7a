import { untrack } from 'svelte';
import { toApiError, type ApiError } from '$lib/api';

/** What a page knows of one thing. Pages switch on `status`, so no state can be forgotten. */
export type Loadable<T> =
  | { status: 'loading'; data: undefined; error: undefined; stale: false }
  | { status: 'ready'; data: T; error: undefined; stale: boolean }
  | { status: 'error'; data: T | undefined; error: ApiError; stale: boolean };

const LOADING = { status: 'loading', data: undefined, error: undefined, stale: false } as const;

/** One loadable value: fetched once, then kept true by events. */
export class Resource<T> {
  #fetch: () => Promise<T>;
  #turn = 0;
  #value = $state.raw<Loadable<T>>(LOADING);

  constructor(fetch: () => Promise<T>) {
    this.#fetch = fetch;
  }

  get value(): Loadable<T> {
    return this.#value;
  }

  /** The data at hand, old or new; undefined before the first answer. */
  get data(): T | undefined {
    return this.#value.data;
  }

  /** Fetches anew. Old data stays visible meanwhile; an answer that was overtaken is dropped. */
  async load(): Promise<void> {
    const turn = ++this.#turn;
    // Untracked: an effect that loads must not run again because of what it loaded.
    const { status, data: old } = untrack(() => this.#value);
    if (status === 'error' && old === undefined) this.#value = LOADING;
    try {
      const data = await this.#fetch();
      if (turn === this.#turn) this.set(data);
    } catch (raw) {
      if (turn !== this.#turn) return;
      const data = this.#value.data;
      this.#value = { status: 'error', data, error: toApiError(raw), stale: data !== undefined };
    }
  }

  /** Takes what an event or an answer brought; an older fetch still under way loses. */
  set(data: T): void {
    this.#turn++;
    this.#value = { status: 'ready', data, error: undefined, stale: false };
  }

  /** Changes the data at hand; without data there is nothing to change. A fetch under way may replace it. */
  update(change: (data: T) => T): void {
    const data = this.#value.data;
    if (data !== undefined)
      this.#value = { status: 'ready', data: change(data), error: undefined, stale: false };
  }

  /** Marks what is shown as possibly old, such as while the event stream is lost. */
  markStale(): void {
    if (this.#value.status === 'ready') this.#value = { ...this.#value, stale: true };
  }
}
