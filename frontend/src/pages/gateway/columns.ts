import { t } from '$lib/i18n/index.svelte';
import type { Column } from '$lib/ui/columns';

export const KEY_COLUMNS = (): Column[] => [
  { id: 'name', label: t('gateway.keys.name'), width: 110, grow: 1, priority: 0 },
  { id: 'key', label: t('gateway.keys.key'), width: 180, grow: 1.2, priority: 0 },
  { id: 'created', label: t('gateway.keys.created'), width: 104, priority: 3 },
  { id: 'used', label: t('accounts.col.used'), width: 104, priority: 1 },
  { id: 'expires', label: t('gateway.keys.expires'), width: 128, priority: 2 },
  { id: 'actions', label: t('gateway.keys.actions'), silent: true, width: 56, align: 'end', priority: 0 },
  { id: 'on', label: t('accounts.col.on'), width: 36, align: 'end', priority: 0 },
];
