import type { Exchange } from '$lib/api';
import { exchangeTone } from '$lib/format';
import { t } from '$lib/i18n/index.svelte';
import type { Column } from '$lib/ui/columns';

/** The full list; the columns least needed to understand a row leave first. */
export const TRAFFIC_COLUMNS = (): Column[] => [
  { id: 'time', label: t('traffic.col.time'), width: 62, priority: 0 },
  { id: 'client', label: t('traffic.col.client'), width: 92, priority: 0 },
  { id: 'protocol', label: t('traffic.col.protocol'), width: 134, priority: 4 },
  { id: 'model', label: t('traffic.col.model'), width: 150, grow: 1, priority: 0 },
  { id: 'account', label: t('traffic.col.account'), width: 92, priority: 3 },
  { id: 'status', label: t('traffic.col.status'), width: 60, priority: 0 },
  { id: 'ttft', label: t('traffic.col.ttft'), width: 46, align: 'end', priority: 5 },
  { id: 'total', label: t('traffic.col.total'), width: 76, align: 'end', priority: 1 },
  { id: 'in', label: t('traffic.col.in'), width: 44, align: 'end', priority: 2 },
  { id: 'out', label: t('traffic.col.out'), width: 44, align: 'end', priority: 2 },
  { id: 'cached', label: t('traffic.col.cached'), width: 50, align: 'end', priority: 7 },
  { id: 'reasoning', label: t('traffic.col.reasoning'), width: 62, align: 'end', priority: 8 },
  { id: 'losses', label: t('traffic.col.losses'), width: 44, align: 'end', priority: 6 },
];

/** Beside a sheet: what is needed to find a row again. */
export const NARROW_COLUMNS = (): Column[] => [
  { id: 'time', label: t('traffic.col.time'), width: 62, priority: 0 },
  { id: 'client', label: t('traffic.col.client'), width: 84, priority: 1 },
  { id: 'sign', label: t('traffic.col.protocol'), silent: true, width: 22, priority: 2 },
  { id: 'model', label: t('traffic.col.model'), width: 98, grow: 1, priority: 0 },
  { id: 'status', label: t('traffic.col.status'), width: 56, priority: 0 },
  { id: 'seconds', label: t('traffic.col.total'), width: 44, align: 'end', priority: 0 },
];

/** On the overview. */
export const RECENT_COLUMNS = NARROW_COLUMNS;

/** The status bar of a row. */
export const exchangeRowClass = (exchange: Exchange): string => `bar-${exchangeTone(exchange)}`;
