import { api, type Account, type AccountTest, type ProviderDescriptor } from '$lib/api';
import { t } from '$lib/i18n/index.svelte';
import { Resource } from './resource.svelte';
import { attempt, toasts } from './toasts.svelte';

class AccountsState {
  readonly resource = new Resource<Account[]>(() => api.ListAccounts());
  readonly providers = new Resource<ProviderDescriptor[]>(() => api.ProviderDescriptors());
  /** Test results by account id; `undefined` as value while a test runs. */
  tests = $state.raw<ReadonlyMap<string, AccountTest | undefined>>(new Map());

  find(id: string | undefined): Account | undefined {
    return this.resource.data?.find((account) => account.id === id);
  }

  providerLabel(kind: string): string {
    return this.providers.data?.find((provider) => provider.kind === kind)?.label ?? kind;
  }

  async setEnabled(account: Account, enabled: boolean): Promise<void> {
    this.#put({ ...account, enabled });
    const request = { id: account.id };
    const answer = await attempt(enabled ? api.EnableAccount(request) : api.DisableAccount(request));
    this.#put(answer ?? account);
    if (answer && !enabled) {
      toasts.undoable(t('accounts.toast.disabled', { name: account.name }), () => {
        void this.setEnabled(answer, true);
      });
    }
  }

  async tryNow(account: Account): Promise<void> {
    const answer = await attempt(api.TryAccountNow({ id: account.id }));
    if (answer) this.#put(answer);
  }

  async test(account: Account): Promise<void> {
    this.#setTest(account.id, undefined);
    const result = await attempt(api.TestAccount({ id: account.id }));
    if (result) this.#setTest(account.id, result);
    else this.tests = new Map([...this.tests].filter(([id]) => id !== account.id));
  }

  async remove(account: Account): Promise<void> {
    const removed = await attempt(api.RemoveAccount({ id: account.id }));
    if (!removed) return;
    this.resource.update((list) => list.filter(({ id }) => id !== account.id));
    toasts.undoable(t('accounts.toast.removed', { name: account.name }), () => {
      void this.#restore(removed.id);
    });
  }

  async #restore(id: string): Promise<void> {
    const account = await attempt(api.RestoreAccount({ id }));
    if (account) await this.resource.load();
  }

  #setTest(id: string, result: AccountTest | undefined): void {
    this.tests = new Map(this.tests).set(id, result);
  }

  #put(account: Account): void {
    this.resource.update((list) => list.map((old) => (old.id === account.id ? account : old)));
  }
}

export const accounts = new AccountsState();
