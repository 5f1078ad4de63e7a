import { t } from '$lib/i18n/index.svelte';
import { app } from '$lib/state/app.svelte';
import { clients } from '$lib/state/clients.svelte';
import { copyText } from '$lib/state/clipboard';
import { doctor } from '$lib/state/doctor.svelte';
import { router } from '$lib/state/router.svelte';
import { BASE_URL_ROWS } from '$lib/state/server';
import { settings } from '$lib/state/settings.svelte';
import { THEMES, theme } from '$lib/state/theme.svelte';
import { toasts } from '$lib/state/toasts.svelte';
import { NAV } from './nav';

/** One entry of the palette. */
export interface Command {
  id: string;
  label: string;
  keys?: string;
  run: () => void;
}

async function copy(text: string, name: string): Promise<void> {
  const done = await copyText(text);
  toasts.show(done ? t('palette.copied', { name, text }) : t('copy.failed'), { tone: done ? 'ok' : 'warn' });
}

const pages = (): Command[] =>
  NAV.map(({ page, key }) => ({
    id: `page:${page}`,
    label: t('palette.goTo', { page: t(`nav.${page}`) }),
    keys: `g ${key}`,
    run: () => {
      router.go(page);
    },
  }));

const copies = (): Command[] =>
  BASE_URL_ROWS.map(({ protocol, name }) => ({
    id: `copy:${protocol}`,
    label: t('palette.copyBase', { name }),
    run: () => void copy(app.server?.base_urls[protocol] ?? '', name),
  }));

const setUps = (): Command[] =>
  (clients.resource.data?.clients ?? []).map(({ name, title }) => ({
    id: `connect:${name}`,
    label: t('problems.setUp', { name: title }),
    run: () => {
      router.go('gateway', 'connect', name);
    },
  }));

const themes = (): Command[] =>
  THEMES.map((choice) => ({
    id: `theme:${choice}`,
    label: t('palette.theme', { theme: t(`theme.${choice}`) }),
    run: () => {
      theme.apply(choice);
      void settings.save('ui.theme', choice);
    },
  }));

/** Everything that the palette offers now. */
export function commands(help: () => void): Command[] {
  const running = app.server?.state === 'running';
  return [
    ...pages(),
    {
      id: 'check',
      label: t('palette.check'),
      run: () => {
        router.go('gateway', 'check');
        void doctor.walk();
      },
    },
    {
      id: 'server',
      label: running ? t('palette.stop') : t('palette.start'),
      keys: 'mod+shift+s',
      run: () => void app.toggleRunning(),
    },
    {
      id: 'add-account',
      label: t('accounts.add'),
      run: () => {
        router.go('accounts', 'new');
      },
    },
    {
      id: 'connect',
      label: t('palette.connect'),
      run: () => {
        router.go('gateway', 'connect');
      },
    },
    ...setUps(),
    ...copies(),
    ...themes(),
    { id: 'help', label: t('keys.title'), keys: '?', run: help },
  ];
}
