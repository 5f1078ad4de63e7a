/** The four meanings a colour may have; `quiet` is none of them. */
export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'quiet';

interface Outcome {
  state: string;
  status: number;
}

/** The tone of an exchange: running is info, the caller's mistakes warn, upstream and own failures are bad. */
export function exchangeTone({ state, status }: Outcome): Tone {
  if (state === 'running') return 'info';
  if (status >= 500 || status === 0) return 'bad';
  if (status >= 400) return 'warn';
  return 'ok';
}

const HUES = 8;
const FIXED: Readonly<Record<string, number>> = {
  gemini: 1,
  google: 2,
  vertex: 3,
  anthropic: 4,
  openai: 5,
  loopback: 8,
};

/** The hue token of a provider, the same on every page; unknown names are spread by their letters. */
export function providerHue(provider: string): string {
  const fixed = FIXED[provider];
  if (fixed !== undefined) return `var(--hue-${String(fixed)})`;
  let hash = 0;
  for (const char of provider) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return `var(--hue-${String((hash % HUES) + 1)})`;
}
