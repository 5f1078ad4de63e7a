const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const shortClock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const dayWithYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** Milliseconds since the epoch of an RFC 3339 time; NaN when it is none. */
export const parseTime = (iso: string): number => Date.parse(iso);

/** Local time of day with seconds: "14:27:52". */
export function formatClock(iso: string): string {
  return format(clock, iso);
}

/** Local time of day: "14:27". */
export function formatShortClock(iso: string): string {
  return format(shortClock, iso);
}

/** Local day: "3 Nov", with the year when it is not the present one. */
export function formatDay(iso: string, now: number): string {
  const sameYear = new Date(iso).getFullYear() === new Date(now).getFullYear();
  return format(sameYear ? day : dayWithYear, iso);
}

/** The shortest form that is still clear: a time of day today, else day and time. */
export function formatMoment(iso: string, now: number): string {
  const time = format(shortClock, iso);
  if (time === '–' || sameDay(iso, now)) return time;
  return `${formatDay(iso, now)}, ${time}`;
}

/** How long ago, roughly: "now", "3 min ago", else the moment itself. */
export function formatAgo(iso: string, now: number): string {
  const elapsed = now - parseTime(iso);
  if (Number.isNaN(elapsed)) return '–';
  if (elapsed < 45_000) return 'now';
  const minutes = Math.round(elapsed / 60_000);
  return minutes < 60 ? `${String(minutes)} min ago` : formatMoment(iso, now);
}

function sameDay(iso: string, now: number): boolean {
  return new Date(iso).toDateString() === new Date(now).toDateString();
}

function format(formatter: Intl.DateTimeFormat, iso: string): string {
  const time = parseTime(iso);
  return Number.isNaN(time) ? '–' : formatter.format(time);
}
