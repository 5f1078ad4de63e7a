import type { Exchange } from '$lib/api';

/** Figures of the requests shown. */
export interface Metrics {
  requests: number;
  succeeded: number;
  finished: number;
  /** Median milliseconds to the first event; undefined when none was measured. */
  firstEvent: number | undefined;
  tokens: number;
}

/** One bar of the histogram: how many requests began in it, and how many of them failed. */
export interface Bar {
  count: number;
  failed: number;
}

export function measure(exchanges: readonly Exchange[]): Metrics {
  const finished = exchanges.filter(({ state }) => state !== 'running');
  return {
    requests: exchanges.length,
    finished: finished.length,
    succeeded: finished.filter(({ status }) => status >= 200 && status < 400).length,
    firstEvent: median(exchanges.flatMap(({ first_event_ms }) => first_event_ms ?? [])),
    tokens: exchanges.reduce((sum, { input_tokens, output_tokens }) => sum + input_tokens + output_tokens, 0),
  };
}

/** The middle value; of an even number the upper one. */
export function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Spreads exchanges over bars of equal time, oldest first. */
export function histogram(exchanges: readonly Exchange[], bars: number): Bar[] {
  const times = exchanges.map(({ started_at }) => Date.parse(started_at));
  const from = Math.min(...times);
  const span = Math.max(...times) - from;
  const result = Array.from({ length: bars }, () => ({ count: 0, failed: 0 }));
  exchanges.forEach(({ state, status }, index) => {
    const at = span > 0 ? Math.floor((((times[index] ?? from) - from) / span) * (bars - 1)) : bars - 1;
    const bar = result[at];
    if (!bar) return;
    bar.count++;
    if (state !== 'running' && (status >= 400 || status === 0)) bar.failed++;
  });
  return result;
}
