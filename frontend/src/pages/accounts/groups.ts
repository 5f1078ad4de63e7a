import type { Account } from '$lib/api';

export const GROUPS = ['all', 'ready', 'cooling', 'blocked', 'disabled'] as const;
export type Group = (typeof GROUPS)[number];

/** The group an account is counted in; blocked = out of quota, needs sign-in or refused. */
export function groupOf(account: Account): Exclude<Group, 'all'> {
  const { state } = account;
  return state === 'ready' || state === 'cooling' || state === 'disabled' ? state : 'blocked';
}

/** The accounts of a group whose name, provider, address or models hold the text. */
export function filterAccounts(list: readonly Account[], group: Group, text: string): Account[] {
  const wanted = text.trim().toLowerCase();
  return list.filter(
    (account) =>
      (group === 'all' || groupOf(account) === group) &&
      [account.name, account.provider, account.base_url, ...account.models].some((value) =>
        value.toLowerCase().includes(wanted),
      ),
  );
}
