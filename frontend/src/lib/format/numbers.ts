const plain = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 1284 → "1,284". */
export function formatNumber(value: number): string {
  return plain.format(value);
}

const SCALES = [
  { from: 1e9, suffix: 'G' },
  { from: 1e6, suffix: 'M' },
  { from: 1e3, suffix: 'k' },
] as const;

/** Token counts for narrow columns: 212 → "212", 38100 → "38.1k", 1420000 → "1.42M". */
export function formatTokens(count: number): string {
  for (const { from, suffix } of SCALES) {
    // Rounding may lift a value over the border: 999950 is 1M, not 1000k.
    if (Math.abs(count) >= from * 0.99995) return trim(count / from) + suffix;
  }
  return plain.format(count);
}

/** Three significant digits at most, no trailing zeros. */
function trim(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Bytes in binary units: 104857600 → "100 MiB". */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${trim(value)} ${UNITS[unit] ?? 'B'}`;
}

/** A share between 0 and 1 as percent: 0.984 → "98.4 %"; nothing measured is a dash. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0) return '–';
  return `${String(Number(((100 * part) / whole).toFixed(1)))} %`;
}
