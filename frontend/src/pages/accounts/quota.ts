import type { Account, Quota } from '$lib/api';
import { formatMoment, type Tone } from '$lib/format';
import { t } from '$lib/i18n/index.svelte';

/** A share from 0 to 1 as whole percent, rounded down: 100 % is untouched, and what is left is never nothing. */
export function percentLeft(part: number): string {
  if (part > 0 && part < 0.01) return '<1 %';
  return `${String(Math.floor(part * 100 + 1e-9))} %`;
}

/** Little left is a warning, nothing left is bad. */
export function quotaTone(part: number): Tone {
  if (part <= 0) return 'bad';
  return part < 0.2 ? 'warn' : 'ok';
}

/** "Full again 14:32", or "" where the provider does not say, or nothing is missing. */
export function resetWords(quota: Pick<Quota, 'remaining' | 'reset_at'>, now: number): string {
  if (!quota.reset_at || quota.remaining >= 1) return '';
  return t('accounts.quota.reset', { time: formatMoment(quota.reset_at, now) });
}

/** A group of models in one line, for a tooltip. */
export function quotaWords(quota: Quota, now: number): string {
  const head = `${quota.group}: ${t('accounts.quota.left', { share: percentLeft(quota.remaining) })}`;
  return [head, resetWords(quota, now)].filter(Boolean).join('. ');
}

/** The models of a group, where they are not all alike. */
export function unlike(quota: Quota): Quota['models'] {
  const alike = quota.models.every(
    (model) => model.remaining === quota.remaining && model.reset_at === quota.reset_at,
  );
  return alike ? [] : quota.models;
}

/** Whether any account tells of a quota: only then is there a column for it. */
export const tellsQuota = (accounts: readonly Account[]): boolean =>
  accounts.some(({ quotas }) => quotas.length > 0);
