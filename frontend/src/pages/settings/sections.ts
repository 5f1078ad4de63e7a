import type { Setting } from '$lib/api';
import type { MessageKey } from '$lib/i18n/index.svelte';

const TITLES: Readonly<Record<string, MessageKey>> = {
  proxy: 'settings.section.proxy',
  upstream: 'settings.section.upstream',
  scheduling: 'settings.section.scheduling',
  responses: 'settings.section.responses',
  google: 'settings.section.google',
  monitor: 'settings.section.monitor',
  loopback: 'settings.section.loopback',
  log: 'settings.section.log',
  ui: 'settings.section.ui',
};

const ORDER = ['ui', ...Object.keys(TITLES).filter((name) => name !== 'ui')];

export interface SettingSection {
  name: string;
  /** A key of the texts; a section that is new here shows its own name. */
  title: MessageKey | undefined;
  settings: Setting[];
}

/** The settings that hold the text in key, label or description, by section. */
export function sections(list: readonly Setting[], text: string): SettingSection[] {
  const wanted = text.trim().toLowerCase();
  const found = list.filter(({ key, label, description }) =>
    [key, label, description].some((value) => value.toLowerCase().includes(wanted)),
  );
  const names = [...new Set(found.map(({ section }) => section))];
  const rank = (name: string): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return names
    .sort((a, b) => rank(a) - rank(b))
    .map((name) => ({
      name,
      title: TITLES[name],
      settings: found.filter(({ section }) => section === name),
    }));
}
