import { toApiError } from '$lib/api';
import type { Tone } from '$lib/format';
import { t } from '$lib/i18n/index.svelte';

export interface ToastAction {
  label: string;
  run: () => void;
}

export interface ToastItem {
  id: number;
  tone: Tone;
  title: string;
  detail: string;
  action: ToastAction | undefined;
  /** When it goes away by itself, in milliseconds since the epoch. */
  until: number;
}

export interface ToastOptions {
  tone?: Tone;
  detail?: string;
  action?: ToastAction;
  seconds?: number;
}

const SECONDS = 5;
const UNDO_SECONDS = 8;
const MOST = 4;

class Toasts {
  items = $state.raw<ToastItem[]>([]);
  #next = 1;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  show(title: string, options: ToastOptions = {}): number {
    const id = this.#next++;
    const seconds = options.seconds ?? (options.action ? UNDO_SECONDS : SECONDS);
    const item: ToastItem = {
      id,
      tone: options.tone ?? 'quiet',
      title,
      detail: options.detail ?? '',
      action: options.action,
      until: Date.now() + seconds * 1000,
    };
    for (const old of this.items.slice(0, Math.max(0, this.items.length - MOST + 1))) this.dismiss(old.id);
    this.items = [...this.items, item];
    this.#timers.set(
      id,
      setTimeout(() => {
        this.dismiss(id);
      }, seconds * 1000),
    );
    return id;
  }

  /** Something was done that can be taken back for eight seconds. */
  undoable(title: string, undo: () => void): void {
    this.show(title, { action: { label: t('action.undo'), run: undo } });
  }

  /** Says what failed, why, and what to do next. */
  failed(raw: unknown): void {
    const error = toApiError(raw);
    this.show(error.message, { tone: 'bad', detail: error.hint, seconds: 10 });
  }

  dismiss(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.items = this.items.filter((item) => item.id !== id);
  }
}

export const toasts = new Toasts();

/** Runs a verb for its effect; a failure is told in a toast and gives undefined. */
export async function attempt<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (raw) {
    toasts.failed(raw);
    return undefined;
  }
}
