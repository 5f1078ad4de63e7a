import type { AccountState } from '$lib/api';
import type { Tone } from '$lib/format';

/** The tone of each account state, the same on every page. */
export const ACCOUNT_TONES: Readonly<Record<AccountState, Tone>> = {
  ready: 'ok',
  cooling: 'warn',
  out_of_quota: 'bad',
  needs_sign_in: 'bad',
  refused: 'bad',
  disabled: 'quiet',
};
