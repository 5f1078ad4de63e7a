import ArrowDownUp from '@lucide/svelte/icons/arrow-down-up';
import LayoutGrid from '@lucide/svelte/icons/layout-grid';
import Server from '@lucide/svelte/icons/server';
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal';
import User from '@lucide/svelte/icons/user';
import type { Page } from '$lib/state/router.svelte';

/** The pages in the order of the rail, with the key that follows `g`. */
export const NAV: readonly { page: Page; icon: typeof User; key: string }[] = [
  { page: 'overview', icon: LayoutGrid, key: 'o' },
  { page: 'accounts', icon: User, key: 'a' },
  { page: 'gateway', icon: Server, key: 'g' },
  { page: 'traffic', icon: ArrowDownUp, key: 't' },
  { page: 'settings', icon: SlidersHorizontal, key: 's' },
];
