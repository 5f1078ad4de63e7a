import { clients, clientVerbs } from './clients.mjs';
import { doctorVerbs } from './doctor.mjs';
import * as seed from './data.mjs';

/** The verbs over invented state; changes are told by events, as the Go side does.
 * @param {{ firstRun: boolean, emit: (topic: string, data: unknown) => void }} options */
export function createVerbs({ firstRun, emit }) {
  const model = {
    server: seed.server(!firstRun),
    accounts: firstRun ? [] : seed.accounts(),
    keys: firstRun ? [] : seed.keys(),
    exchanges: firstRun ? [] : seed.exchanges(94),
    problems: firstRun ? [] : seed.problems(),
    settings: seed.settings(),
    clients: clients(),
    /** @type {any[]} */
    removed: [],
    /** Verbs that fail, by name, with their message; for tests. @type {Record<string, string>} */
    failing: {},
    /** The page is read at another machine. */
    away: false,
    calls: /** @type {string[]} */ ([]),
  };

  const pool = () => {
    /** @param {string[]} states */
    const count = (...states) => model.accounts.filter((account) => states.includes(account.state)).length;
    return {
      ready: count('ready'),
      cooling: count('cooling'),
      blocked: count('out_of_quota', 'needs_sign_in', 'refused'),
      disabled: count('disabled'),
      loopback: count('ready', 'cooling') === 0,
    };
  };
  const attention = () => [
    ...model.accounts
      .filter(({ state }) => state === 'refused')
      .map((account) => ({
        id: `account:${account.id}`,
        severity: 'bad',
        title: `${account.name} was refused`,
        detail: account.reason,
        action: { kind: 'open_page', label: 'Open', target: `accounts/${account.id}`, value: '' },
      })),
    ...model.accounts
      .filter(({ state }) => state === 'out_of_quota')
      .map((account) => ({
        id: `account:${account.id}`,
        severity: 'warn',
        title: `${account.name} is out of quota`,
        detail: account.reason,
        action: { kind: 'try_account', label: 'Try now', target: account.id, value: '' },
      })),
    ...(model.problems.length > 0
      ? [
          {
            id: 'problems',
            severity: 'warn',
            title: `${model.problems.length} wrong base URLs are in use`,
            detail: 'Requests reached paths that are no routes.',
            action: { kind: 'open_page', label: 'See the cure', target: 'traffic', value: '' },
          },
        ]
      : []),
  ];
  const state = () => ({
    version: '0.1.0-mock',
    demo: false,
    capabilities: { window: false, closes_listener: false, platform: 'linux' },
    server: model.server,
    pool: pool(),
    needs_attention: attention(),
    first_run: [
      {
        id: 'add_account',
        title: 'Add an account',
        detail: 'One account of any provider is enough. Until then the built-in loopback model answers.',
        done: model.accounts.length > 0,
      },
      {
        id: 'start_server',
        title: 'Start the server',
        detail: 'Running on 127.0.0.1:8045. Nothing else on the network can reach it.',
        done: model.server.state === 'running',
      },
      {
        id: 'connect_client',
        title: 'Connect a client',
        detail: 'Let its settings be written, or enter the base URL by hand.',
        done: model.exchanges.length > 0,
      },
    ],
    in_flight: model.exchanges.filter((row) => row.state === 'running').length,
    theme: model.settings.find(({ key }) => key === 'ui.theme')?.value ?? 'system',
    language: '',
    problems: model.problems.length,
  });
  const tellState = () => {
    emit('state', state());
  };
  const tellAccounts = () => {
    emit('accounts', model.accounts);
    tellState();
  };

  /** @param {string} id */
  const find = (id) => {
    const account = model.accounts.find((candidate) => candidate.id === id);
    if (!account) throw new Error('no account has that id or name');
    return account;
  };
  /** @param {string} id @param {Record<string, unknown>} change */
  const patch = (id, change) => {
    Object.assign(find(id), change);
    tellAccounts();
    return find(id);
  };
  /** @param {string} name @param {string | null} expires */
  const mint = (name, expires) => {
    const key = seed.key(`key-${String(Date.now())}`, name, 'sk-agt-fak3', { expires_at: expires });
    model.keys.push(key);
    emit('keys', model.keys);
    return { key, secret: 'sk-agt-fak3-0123456789abcdef0123456789abcdef' };
  };
  /** @param {string} apiKey */
  const tested = (apiKey) =>
    apiKey.includes('bad')
      ? {
          ok: false,
          summary: 'The provider refuses this key.',
          detail: '400 API_KEY_INVALID: API key not valid.',
          hint: 'Copy the key again from AI Studio; it begins with “AIza”.',
          code: 'upstream_auth',
          latency_ms: 212,
          models: [],
          url: 'https://generativelanguage.googleapis.com/v1beta/models',
        }
      : {
          ok: true,
          summary: 'The key works: 3 models.',
          detail: '',
          hint: '',
          code: '',
          latency_ms: 312,
          models: ['gemini-3.1-pro', 'gemini-3-flash', 'gemini-3-flash-lite'],
          url: 'https://generativelanguage.googleapis.com/v1beta/models',
        };
  const wait = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

  /** @type {Record<string, (request: any) => unknown>} */
  const verbs = {
    State: state,
    EndConsoleSessions: () => null,
    StartServer: () => {
      model.server.state = 'running';
      tellState();
      return model.server;
    },
    StopServer: () => {
      model.server.state = 'stopped';
      tellState();
      return model.server;
    },
    SetLAN: ({ enabled }) => {
      model.server = seed.server(enabled);
      const made = enabled && model.keys.length === 0 ? mint('lan', null) : null;
      tellState();
      return { server: model.server, new_key: made };
    },
    SetPort: ({ port }) => {
      if (port === 80) throw new Error('Port 80 needs more rights.');
      const text = String(port);
      model.server = JSON.parse(
        JSON.stringify(model.server).replaceAll(`:${String(model.server.port)}`, `:${text}`),
      );
      model.server.port = port;
      model.server.error = null;
      model.server.state = 'running';
      tellState();
      return model.server;
    },
    CheckPort: ({ port }) =>
      port === 8080
        ? {
            port,
            free: false,
            own: false,
            holder: 'nginx (pid 12)',
            message: 'Port 8080 is taken by nginx (pid 12).',
            next_free_port: 8081,
          }
        : { port, free: true, own: port === model.server.port, holder: '', message: '', next_free_port: 0 },
    ListAccounts: () => model.accounts,
    ProviderDescriptors: seed.providers,
    PreviewAccountURL: ({ base_url }) => ({
      url: `${base_url || 'https://generativelanguage.googleapis.com'}/v1beta/models/gemini-3-flash:generateContent`,
      valid: !/\s/.test(base_url),
      warning: base_url.endsWith('/v1beta')
        ? 'The version is added by the gateway; it is left out once.'
        : '',
    }),
    TestAccount: async ({ id }) => {
      await wait(150);
      return tested(find(id).state === 'refused' ? 'bad' : 'good');
    },
    AddAccount: async (request) => {
      await wait(150);
      const test = request.skip_test ? null : tested(request.api_key);
      if (test && !test.ok) return { saved: false, account: null, test };
      const account = {
        ...seed.accounts()[0],
        id: `acc-${String(Date.now())}`,
        name: request.name,
        in_flight: 0,
        requests: 0,
      };
      model.accounts.push(/** @type {any} */ (account));
      tellAccounts();
      return { saved: true, account, test };
    },
    EnableAccount: ({ id }) => patch(id, { enabled: true, state: 'ready', reason: '' }),
    DisableAccount: ({ id }) => patch(id, { enabled: false, state: 'disabled' }),
    TryAccountNow: ({ id }) => patch(id, { state: 'ready', reason: '', until: null, cooldowns: [] }),
    RemoveAccount: ({ id }) => {
      const account = find(id);
      model.removed.push(account);
      model.accounts = model.accounts.filter((other) => other !== account);
      tellAccounts();
      return { id, name: account.name, undo_until: new Date(Date.now() + 8000).toISOString() };
    },
    RestoreAccount: ({ id }) => {
      const account = model.removed.find((other) => other.id === id);
      model.accounts.push(account);
      tellAccounts();
      return account;
    },
    ListKeys: () => model.keys,
    CreateKey: ({ name, expires_at }) => {
      if (model.keys.some((key) => key.name === name))
        throw new Error(`a key named ${String(name)} exists already`);
      return mint(name, expires_at);
    },
    RotateKey: ({ id }) => ({
      key: model.keys.find((key) => key.id === id),
      secret: 'sk-agt-fak3-rotated-0123456789abcdef',
    }),
    RevealKey: ({ id }) => ({
      id,
      secret: `${model.keys.find((key) => key.id === id)?.prefix ?? ''}-revealed-0123456789`,
    }),
    EnableKey: ({ id }) => Object.assign(model.keys.find((key) => key.id === id) ?? {}, { enabled: true }),
    DisableKey: ({ id }) => Object.assign(model.keys.find((key) => key.id === id) ?? {}, { enabled: false }),
    RevokeKey: ({ id }) => {
      model.keys = model.keys.filter((key) => key.id !== id);
      emit('keys', model.keys);
      return null;
    },
    ListSettings: () => model.settings,
    SetSettings: ({ changes }) =>
      changes.map((/** @type {{ key: string, value: string }} */ { key, value }) => {
        const setting = model.settings.find((candidate) => candidate.key === key);
        if (!setting) throw new Error(`there is no setting ${key}`);
        if (setting.type === 'duration' && !/^\d+[smh]$/.test(value))
          throw new Error('Give a time such as 30s.');
        Object.assign(setting, { value, changed: value !== setting.default });
        if (key === 'proxy.auth_mode') {
          model.server.auth_mode = value;
          tellState();
        }
        emit('settings', [setting]);
        return setting;
      }),
    UnsetSettings: ({ keys }) =>
      model.settings
        .filter(({ key }) => keys.includes(key))
        .map((setting) => Object.assign(setting, { value: setting.default, changed: false })),
    Routes: seed.routes,
    ConnectGuides: ({ key_id, host, model: chosen }) =>
      seed.guides(
        key_id ? `${model.keys.find((key) => key.id === key_id)?.prefix ?? ''}-0123456789` : '',
        host,
        chosen,
      ),
    RecentTraffic: ({ limit }) => ({ exchanges: model.exchanges.slice(0, limit || 100), more: false }),
    ExchangeDetail: ({ id }) => {
      const row = model.exchanges.find((candidate) => candidate.id === id);
      if (!row) throw new Error('that request is not kept any more');
      return seed.detail(row);
    },
    BaseURLProblems: () => model.problems,
    ClearBaseURLProblems: () => {
      model.problems = [];
      emit('problems', []);
      tellState();
      return null;
    },
    Usage: seed.usage,
    Models: () =>
      ['gemini-3.1-pro', 'gemini-3-flash', 'gemini-3-flash-lite', 'claude-sonnet-5-5'].map((id) => ({
        id,
        display_name: id,
        provider: id.split('-')[0] === 'claude' ? 'anthropic' : 'gemini',
        accounts: 1,
        input_limit: 0,
        output_limit: 0,
        methods: [],
      })),
  };

  Object.assign(verbs, clientVerbs(model, wait), doctorVerbs(model, emit, wait));

  return {
    model,
    tellState,
    /** @param {string} verb @param {unknown[]} args */
    call: (verb, args) => {
      model.calls.push(verb);
      const failure = model.failing[verb];
      if (failure) throw new Error(failure);
      if (model.away && verb.startsWith('Client'))
        throw Object.assign(new Error('clients are set up at the machine of the gateway only'), {
          code: 'local_only',
        });
      const run = verbs[verb];
      if (!run) throw new Error(`there is no verb ${verb}`);
      return run(args[0]);
    },
  };
}
