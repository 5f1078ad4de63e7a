import {
  api,
  toApiError,
  type ApiError,
  type DoctorReport,
  type DoctorStep,
  type DoctorWalk,
} from '$lib/api';
import type { DoctorProgress } from '$lib/api/envelope';

/** A look at the whole chain, from the program to an account's answer: its steps come one by one. */
export type Walking =
  | { phase: 'idle' }
  | { phase: 'running'; steps: DoctorStep[]; total: number }
  | { phase: 'done'; walk: DoctorWalk }
  | { phase: 'failed'; error: ApiError };

/** What one base URL or path would reach. */
export type Explaining =
  | { phase: 'idle' }
  | { phase: 'running' }
  | { phase: 'done'; report: DoctorReport }
  | { phase: 'failed'; error: ApiError };

class DoctorState {
  walking = $state.raw<Walking>({ phase: 'idle' });
  explaining = $state.raw<Explaining>({ phase: 'idle' });
  /** A real account is asked too, which costs a few tokens. */
  askAccount = $state(true);
  #id = '';
  #walks = 0;

  get steps(): readonly DoctorStep[] {
    if (this.walking.phase === 'running') return this.walking.steps;
    return this.walking.phase === 'done' ? this.walking.walk.steps : [];
  }

  async walk(): Promise<void> {
    if (this.walking.phase === 'running') return;
    // Every page of this program gets the events of every walk: the word tells them apart.
    this.#id = `walk-${String(++this.#walks)}-${String(Date.now())}`;
    this.walking = { phase: 'running', steps: [], total: 0 };
    try {
      const walk = await api.DoctorWalk({ id: this.#id, model: '', skip_upstream: !this.askAccount });
      this.walking = { phase: 'done', walk };
    } catch (raw) {
      this.walking = { phase: 'failed', error: toApiError(raw) };
    }
  }

  take(progress: DoctorProgress): void {
    if (this.walking.phase !== 'running' || progress.id !== this.#id) return;
    this.walking = {
      phase: 'running',
      steps: [...this.walking.steps, progress.step],
      total: progress.total,
    };
  }

  async explain(target: string): Promise<void> {
    this.explaining = { phase: 'running' };
    try {
      this.explaining = { phase: 'done', report: await api.Doctor({ target }) };
    } catch (raw) {
      this.explaining = { phase: 'failed', error: toApiError(raw) };
    }
  }
}

export const doctor = new DoctorState();
