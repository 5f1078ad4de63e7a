import {
  api,
  toApiError,
  type AccountTest,
  type AccountURLPreview,
  type AddAccountRequest,
  type ApiError,
  type ProviderDescriptor,
} from '$lib/api';

export type Phase = 'editing' | 'testing' | 'refused' | 'failed';

const PREVIEW_MS = 250;

// The fields that an address depends on.
const PLACE = ['base_url', 'api', 'project', 'location'];

/** The account being added: what the form holds, where it would call, and how the live test went. */
export class Draft {
  values = $state<Record<string, string>>({});
  phase = $state<Phase>('editing');
  test = $state.raw<AccountTest | undefined>();
  error = $state.raw<ApiError | undefined>();
  preview = $state.raw<AccountURLPreview | undefined>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;

  constructor(readonly provider: ProviderDescriptor) {
    for (const field of provider.fields) this.values[field.name] = field.default;
    this.#look();
  }

  get complete(): boolean {
    return this.provider.fields.every(
      (field) => !field.required || (this.values[field.name] ?? '').trim() !== '',
    );
  }

  set(name: string, value: string): void {
    this.values[name] = value;
    if (this.phase !== 'testing') this.phase = 'editing';
    if (PLACE.includes(name)) this.#look();
  }

  /** Tests and saves; with `skipTest` saves at once. True when the account is there. */
  async submit(skipTest: boolean): Promise<boolean> {
    this.phase = 'testing';
    this.test = undefined;
    this.error = undefined;
    try {
      const result = await api.AddAccount(this.#request(skipTest));
      this.test = result.test ?? undefined;
      this.phase = result.saved ? 'editing' : 'refused';
      return result.saved;
    } catch (raw) {
      this.error = toApiError(raw);
      this.phase = 'failed';
      return false;
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#turn++;
  }

  #request(skipTest: boolean): AddAccountRequest {
    const value = (name: string): string => (this.values[name] ?? '').trim();
    return {
      provider: this.provider.kind,
      name: value('name'),
      base_url: value('base_url'),
      api: value('api'),
      api_key: value('api_key'),
      auth: value('auth'),
      project: value('project'),
      location: value('location'),
      models: value('models')
        .split(/[\s,]+/)
        .filter(Boolean),
      skip_test: skipTest,
    };
  }

  // Shows where requests would go, once typing rests; an overtaken answer is dropped.
  #look(): void {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    this.#timer = setTimeout(() => {
      const { provider, base_url, api: choice, project, location } = this.#request(false);
      api.PreviewAccountURL({ provider, base_url, api: choice, project, location }).then(
        (preview) => {
          if (turn === this.#turn) this.preview = preview;
        },
        () => {
          if (turn === this.#turn) this.preview = undefined;
        },
      );
    }, PREVIEW_MS);
  }
}
