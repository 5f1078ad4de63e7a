/** Milliseconds as seconds without a unit, for columns whose head names it: 908 → "0.91", 12100 → "12.1". */
export function formatSeconds(ms: number): string {
  const seconds = ms / 1000;
  if (seconds >= 100) return seconds.toFixed(0);
  return seconds >= 10 ? seconds.toFixed(1) : seconds.toFixed(2);
}

/** A length of time for sentences: 38 → "38 ms", 908 → "0.91 s", 302000 → "5 min 2 s". */
export function formatDuration(ms: number): string {
  if (ms < 100) return `${String(Math.round(ms))} ms`;
  if (ms < 60_000) return `${formatSeconds(ms)} s`;
  const total = Math.round(ms / 1000);
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const seconds = total % 60;
  if (hours > 0) return minutes > 0 ? `${String(hours)} h ${String(minutes)} min` : `${String(hours)} h`;
  return seconds > 0 ? `${String(minutes)} min ${String(seconds)} s` : `${String(minutes)} min`;
}

/** Time left as a clock: 248000 → "4:08", 3723000 → "1:02:03"; what is over reads "0:00". */
export function formatCountdown(ms: number): string {
  const total = Math.max(0, Math.ceil(ms / 1000));
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const seconds = String(total % 60).padStart(2, '0');
  return hours > 0
    ? `${String(hours)}:${String(minutes).padStart(2, '0')}:${seconds}`
    : `${String(minutes)}:${seconds}`;
}
