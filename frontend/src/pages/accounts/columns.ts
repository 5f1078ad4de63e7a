import { t } from '$lib/i18n/index.svelte';
import type { Column } from '$lib/ui/columns';

/** The columns of the account list; those with a number above 0 leave when room is short. */
export const ACCOUNT_COLUMNS = (quota: boolean): Column[] => [
  { id: 'state', label: t('accounts.col.state'), width: 132, priority: 0 },
  { id: 'name', label: t('accounts.col.name'), width: 150, grow: 1.2, priority: 0 },
  { id: 'url', label: t('accounts.col.url'), width: 180, grow: 1.4, priority: 4 },
  ...(quota ? [{ id: 'quota', label: t('accounts.quota'), width: 84, priority: 3 }] : []),
  { id: 'models', label: t('accounts.col.models'), width: 56, align: 'end', priority: 3 },
  { id: 'used', label: t('accounts.col.used'), width: 90, align: 'end', priority: 2 },
  { id: 'flight', label: t('accounts.col.flight'), width: 60, align: 'end', priority: 1 },
  { id: 'on', label: t('accounts.col.on'), width: 36, align: 'end', priority: 0 },
];
