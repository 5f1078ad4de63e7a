import { untrack } from 'svelte';
import {
  api,
  toApiError,
  type ApiError,
  type ClientPlan,
  type ClientVerification,
  type CodingClient,
} from '$lib/api';
import { clients } from '$lib/state/clients.svelte';
import { Resource } from '$lib/state/resource.svelte';

/** How the call that a client would make went. */
export type Verifying =
  | { phase: 'idle' }
  | { phase: 'running'; since: number }
  | { phase: 'done'; result: ClientVerification }
  | { phase: 'failed'; error: ApiError };

const PLAN_MS = 350;

/** Setting one client up: what was chosen, what would be written, what came of it. */
export class Setup {
  keyId = $state('');
  model = $state('');
  small = $state('');
  busy = $state(false);
  error = $state.raw<ApiError | undefined>();
  verifying = $state.raw<Verifying>({ phase: 'idle' });
  /** Undefined while nobody asked to take the set-up back. */
  restoring = $state.raw<ClientPlan | undefined>();
  readonly plan: Resource<ClientPlan>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ended = false;

  constructor(readonly name: string) {
    this.plan = new Resource(() => api.ClientPlan(this.#request()));
    void untrack(() => this.plan.load());
  }

  /** Takes a choice; the plan follows once typing rests. */
  choose(change: { keyId?: string; model?: string; small?: string }): void {
    this.keyId = change.keyId ?? this.keyId;
    this.model = change.model ?? this.model;
    this.small = change.small ?? this.small;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.plan.load(), PLAN_MS);
  }

  /** Writes the plan that is shown. True when it is written. */
  async apply(): Promise<boolean> {
    const digest = this.plan.data?.digest;
    if (digest === undefined) return false;
    return this.#write(() => api.ClientApply({ ...this.#request(), digest }));
  }

  /** Works out how to take the set-up back, to be shown first. */
  async askRestore(): Promise<void> {
    await this.#try(async () => {
      const plan = await api.ClientPlanRestore({ name: this.name });
      if (!this.#ended) this.restoring = plan;
    });
  }

  async restore(): Promise<boolean> {
    const digest = this.restoring?.digest;
    this.restoring = undefined;
    if (digest === undefined) return false;
    return this.#write(() => api.ClientRestore({ name: this.name, digest }));
  }

  async verify(): Promise<void> {
    this.verifying = { phase: 'running', since: Date.now() };
    try {
      const result = await api.ClientVerify({ name: this.name });
      this.verifying = { phase: 'done', result };
    } catch (raw) {
      this.verifying = { phase: 'failed', error: toApiError(raw) };
    }
  }

  dispose(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #request(): { name: string; key_id: string; model: string; small_model: string } {
    return {
      name: this.name,
      key_id: this.keyId,
      model: this.model.trim(),
      small_model: this.small.trim(),
    };
  }

  async #write(work: () => Promise<CodingClient>): Promise<boolean> {
    const done = await this.#try(async () => {
      clients.put(await work());
      this.verifying = { phase: 'idle' };
    });
    await this.plan.load(); // what is left to write, also after a refusal
    return done;
  }

  async #try(work: () => Promise<void>): Promise<boolean> {
    this.busy = true;
    this.error = undefined;
    try {
      await work();
      return true;
    } catch (raw) {
      this.error = toApiError(raw);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
