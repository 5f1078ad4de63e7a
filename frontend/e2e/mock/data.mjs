// Invented state for the pages: what the Go side would answer. Names, keys and figures are made up.

/** @param {number} secondsAgo */
const ago = (secondsAgo) => new Date(Date.now() - secondsAgo * 1000).toISOString();
/** @param {number} seconds */
const ahead = (seconds) => new Date(Date.now() + seconds * 1000).toISOString();

export const ORIGIN = 'http://127.0.0.1:8045';
const LAN = [
  { address: '192.168.1.24', interface: 'wlan0', url: 'http://192.168.1.24:8045' },
  { address: '10.8.0.3', interface: 'wg0', url: 'http://10.8.0.3:8045' },
];

/** @param {Record<string, unknown>} over */
const account = (over) => ({
  id: 'acc-1',
  name: 'work-gemini',
  provider: 'gemini',
  base_url: 'https://generativelanguage.googleapis.com',
  state: 'ready',
  reason: '',
  until: null,
  models: [],
  last_used_at: ago(20),
  enabled: true,
  created_at: ago(86400 * 20),
  key_hint: '7f2a',
  in_flight: 0,
  cooldowns: [],
  last_error: '',
  requests: 218,
  errors: 0,
  link: '',
  quotas: [],
  quotas_at: null,
  ...over,
});

/**
 * @param {string} group
 * @param {number} remaining
 * @param {number} reset
 * @param {...[string, number]} models
 */
const quota = (group, remaining, reset, ...models) => ({
  group,
  remaining,
  reset_at: ahead(reset),
  models: models.map(([model, left]) => ({ model, remaining: left, reset_at: ahead(reset) })),
});

export function accounts() {
  return [
    account({ in_flight: 1 }),
    account({
      id: 'acc-2',
      name: 'personal-gemini',
      state: 'cooling',
      until: ahead(248),
      reason: '429 from gemini-3.1-pro. The provider asked for 302 s.',
      key_hint: '91bc',
      errors: 9,
      last_error: '429 RESOURCE_EXHAUSTED: quota exceeded for requests per minute',
      cooldowns: [{ model: 'gemini-3.1-pro', until: ahead(248), reason: '429, retry after 302 s' }],
      last_used_at: ago(180),
    }),
    account({
      id: 'acc-3',
      name: 'team-proxy',
      base_url: 'https://llm.example.com/gemini',
      models: ['gemini-3-flash', 'gemini-3.1-pro'],
      in_flight: 1,
      cooldowns: [{ model: 'gemini-3-flash', until: ahead(42), reason: '429, retry after 60 s' }],
    }),
    account({
      id: 'acc-4',
      name: 'free-tier',
      state: 'out_of_quota',
      until: ahead(36_000),
      reason: 'The daily quota of the free tier is used up; it resets at midnight Pacific time.',
      last_used_at: ago(5400),
      errors: 3,
      provider: 'google',
      base_url: 'https://cloudcode-pa.googleapis.com',
      quotas: [
        quota('Gemini Flash', 0.62, 5400, ['gemini-3-flash', 0.81], ['gemini-2.5-flash', 0.62]),
        quota('Gemini Pro', 0, 36_000, ['gemini-3.1-pro', 0]),
        quota('Claude', 0.13, 9000, ['claude-opus-5', 0.13], ['claude-sonnet-4-6', 0.13]),
      ],
      quotas_at: ago(420),
    }),
    account({
      id: 'acc-5',
      name: 'old-key',
      state: 'refused',
      reason: '400 API_KEY_INVALID: the provider does not know this key any more.',
      last_used_at: ago(86_400 * 2),
      key_hint: '0d3e',
    }),
    account({
      id: 'acc-6',
      name: 'spare',
      state: 'disabled',
      enabled: false,
      last_used_at: null,
      key_hint: 'aa10',
    }),
  ];
}

/** @param {boolean} lan */
export const server = (lan) => ({
  state: 'running',
  addresses: lan ? ['0.0.0.0:8045', '[::]:8045'] : ['127.0.0.1:8045', '[::1]:8045'],
  port: 8045,
  lan,
  lan_locked: '',
  port_locked: '',
  lan_addresses: LAN,
  auth_mode: 'auto',
  effective: lan ? 'all_except_health' : 'off',
  base_urls: { openai: `${ORIGIN}/v1`, anthropic: ORIGIN, gemini: ORIGIN },
  started_at: ago(3600 * 5),
  /** @type {null | Record<string, unknown>} */
  error: null,
});

export const providers = () => [
  {
    kind: 'gemini',
    label: 'Gemini API',
    description: 'An API key of Google AI Studio.',
    key_url: 'https://aistudio.google.com/apikey',
    fields: [
      field('name', 'Name', 'text', {
        required: true,
        placeholder: 'work-gemini',
        help: 'How it is called here.',
      }),
      field('api_key', 'API key', 'secret', { required: true, secret: true, placeholder: 'AIza…' }),
      field('base_url', 'Base URL', 'url', { placeholder: 'https://generativelanguage.googleapis.com' }),
      field('models', 'Only these models', 'list', {
        placeholder: 'all that it offers',
        help: 'Separated by commas.',
      }),
    ],
  },
  {
    kind: 'openai',
    label: 'OpenAI and compatible',
    description: 'OpenAI, or any server that speaks its protocol: OpenRouter, DeepSeek, Ollama.',
    key_url: 'https://platform.openai.com/api-keys',
    fields: [
      field('name', 'Name', 'text', { required: true }),
      field('api_key', 'API key', 'secret', { secret: true, help: 'Empty for a server that wants none.' }),
      field('base_url', 'Base URL', 'url', { placeholder: 'http://127.0.0.1:11434/v1' }),
      field('api', 'API', 'choice', {
        default: 'auto',
        options: options('auto', 'chat', 'responses'),
        help: 'Auto finds out and remembers.',
      }),
    ],
  },
  {
    kind: 'vertex',
    label: 'Vertex AI',
    description: 'A service account of Google Cloud.',
    key_url: '',
    fields: [
      field('name', 'Name', 'text', { required: true }),
      field('api_key', 'Service account (JSON)', 'multiline', {
        required: true,
        secret: true,
        help: 'The text of the key file.',
      }),
      field('project', 'Project', 'text', { placeholder: 'from the file' }),
      field('location', 'Location', 'text', { default: 'global' }),
    ],
  },
];

/**
 * @param {string} name
 * @param {string} label
 * @param {string} type
 * @param {Record<string, unknown>} over
 */
function field(name, label, type, over) {
  return {
    name,
    label,
    type,
    help: '',
    required: false,
    secret: false,
    default: '',
    placeholder: '',
    options: [],
    ...over,
  };
}

export const keys = () => [
  key('key-1', 'laptop', 'sk-agt-7Qf2', { last_used_at: ago(3) }),
  key('key-2', 'phone', 'sk-agt-Lw9c', { last_used_at: ago(600), expires_at: ahead(86_400 * 20) }),
  key('key-3', 'guest', 'sk-agt-Zp3v', { enabled: false, expired: true, expires_at: ago(86_400 * 3) }),
  key('key-env', 'environment', 'sk-agt-d0Xm', { source: 'environment' }),
];

/**
 * @param {string} id
 * @param {string} name
 * @param {string} prefix
 * @param {Record<string, unknown>} [over]
 */
export function key(id, name, prefix, over) {
  return {
    id,
    name,
    prefix,
    enabled: true,
    created_at: ago(86_400 * 14),
    last_used_at: null,
    expires_at: null,
    expired: false,
    source: '',
    ...over,
  };
}

/** @param {Record<string, unknown>} over */
export const exchange = (over) => ({
  id: 'req-0',
  started_at: ago(1),
  state: 'done',
  method: 'POST',
  path: '/v1/messages',
  client: 'Claude Code',
  key_name: 'laptop',
  client_protocol: 'anthropic',
  upstream_protocol: 'gemini',
  passthrough: false,
  stream: true,
  model: 'claude-opus-5-5',
  resolved_model: 'gemini-3.1-pro',
  provider: 'gemini',
  account_name: 'work-gemini',
  status: 200,
  error_code: '',
  error: '',
  attempts: 1,
  first_event_ms: 908,
  duration_ms: 9800,
  input_tokens: 52310,
  cached_tokens: 41984,
  output_tokens: 1846,
  reasoning_tokens: 640,
  finish_reason: 'STOP',
  losses: 0,
  ...over,
});

const KINDS = [
  {
    state: 'running',
    status: 0,
    first_event_ms: null,
    duration_ms: null,
    output_tokens: 0,
    finish_reason: '',
  },
  { state: 'running', status: 0, duration_ms: null, output_tokens: 212 },
  {
    client: 'Codex',
    path: '/v1/responses',
    client_protocol: 'responses',
    model: 'gpt-5.2-codex',
    duration_ms: 3000,
  },
  {
    model: 'claude-haiku-5',
    resolved_model: 'gemini-3-flash',
    duration_ms: 1200,
    first_event_ms: 380,
    losses: 2,
  },
  {
    client: 'Gemini CLI',
    path: '/v1beta/models/gemini-3.1-pro:streamGenerateContent',
    client_protocol: 'gemini',
    passthrough: true,
    model: 'gemini-3.1-pro',
    duration_ms: 6400,
  },
  {
    client: 'Kilo Code',
    path: '/v1/chat/completions/responses',
    client_protocol: 'openai',
    upstream_protocol: '',
    model: '',
    resolved_model: '',
    account_name: '',
    provider: '',
    status: 404,
    error_code: 'nested_resource_path',
    error: 'The base URL goes down to a resource and the client adds its own.',
    duration_ms: 1,
    first_event_ms: null,
    input_tokens: 0,
    cached_tokens: 0,
    output_tokens: 0,
    reasoning_tokens: 0,
    attempts: 0,
  },
  {
    client: 'OpenAI SDK',
    path: '/v1/chat/completions',
    client_protocol: 'openai',
    model: 'loopback',
    resolved_model: 'loopback',
    provider: 'loopback',
    upstream_protocol: 'loopback',
    account_name: '',
    duration_ms: 12,
    first_event_ms: 2,
    input_tokens: 12,
    output_tokens: 8,
    cached_tokens: 0,
    reasoning_tokens: 0,
  },
  {
    status: 503,
    error_code: 'no_usable_account',
    error: 'No account can serve gemini-3.1-pro now: 1 cooling, 1 out of quota.',
    duration_ms: 12_100,
    first_event_ms: null,
    output_tokens: 0,
    attempts: 3,
  },
  { attempts: 2, losses: 2 },
  {
    client: 'Python SDK',
    path: '/v1/chat/completions',
    client_protocol: 'openai',
    model: 'gemini-3-flash',
    resolved_model: 'gemini-3-flash',
    duration_ms: 2300,
  },
];

/** @param {number} count */
export function exchanges(count) {
  return Array.from({ length: count }, (_, index) =>
    exchange({
      ...KINDS[index < KINDS.length ? index : 2 + ((index * 7) % (KINDS.length - 2))],
      id: `req-${String(count - index)}`,
      started_at: ago(2 + index * 9 + (index % 4) * 3),
    }),
  );
}

export const detail = (/** @type {ReturnType<typeof exchange>} */ row) => ({
  exchange: row,
  request_id: row.id,
  timeline: [
    { name: 'queued', at_ms: 2 },
    { name: 'account_chosen', at_ms: 312 },
    { name: 'connected', at_ms: 402 },
    { name: 'first_event', at_ms: row.first_event_ms ?? 500 },
    { name: 'end', at_ms: row.duration_ms ?? 0 },
  ],
  attempts: [
    {
      account_name: 'personal-gemini',
      provider: 'gemini',
      model: row.resolved_model,
      started_ms: 2,
      duration_ms: 310,
      status: 429,
      outcome: 'rate_limited',
      reason: 'RESOURCE_EXHAUSTED, retry in 302 s. The account cools; the client saw nothing.',
    },
    {
      account_name: 'work-gemini',
      provider: 'gemini',
      model: row.resolved_model,
      started_ms: 312,
      duration_ms: 9488,
      status: 200,
      outcome: 'ok',
      reason: 'Next in line; skipped: free-tier (out of quota), old-key (refused).',
    },
  ],
  losses: [
    {
      path: 'system[0].cache_control',
      grade: 'dropped',
      code: 'cache',
      detail: '',
      reason: 'dropped cache',
    },
    {
      path: 'tools[2].input_schema',
      grade: 'adapted',
      code: 'schema.clean',
      detail: '$schema, format',
      reason: 'adapted schema.clean: $schema, format',
    },
    { path: 'x', grade: 'dropped', code: 'not.in.the.list', detail: '', reason: 'dropped not.in.the.list' },
  ],
  request_body: '',
  response_body: '',
  bodies_kept: 'off',
});

export const problems = () => [
  problem(
    'p1',
    'Kilo Code',
    'nested_resource_path',
    '/v1/chat/completions/responses',
    'The base URL goes down to a resource and the client adds its own. In Kilo Code choose the Gemini provider, tick “custom base URL” and enter this address:',
    ORIGIN,
    6,
    60,
  ),
  problem(
    'p2',
    'Python SDK',
    'duplicated_version_prefix',
    '/v1/v1/chat/completions',
    'The base URL already ends in /v1 and the client adds one: enter the address without it.',
    `${ORIGIN}/v1`,
    2,
    9000,
  ),
];

/**
 * @param {string} id
 * @param {string} client
 * @param {string} code
 * @param {string} path
 * @param {string} message
 * @param {string} use
 * @param {number} count
 * @param {number} seconds
 */
function problem(id, client, code, path, message, use, count, seconds) {
  return {
    id,
    client,
    code,
    path,
    message,
    use_base_url: use,
    count,
    method: 'POST',
    protocol: 'openai',
    rewrite_to: '/v1/responses',
    first_seen_at: ago(seconds + 900),
    last_seen_at: ago(seconds),
  };
}

const ROUTES = [
  ['POST', '/v1/chat/completions', 'openai', 'Chat, JSON or SSE', true],
  ['POST', '/v1/responses', 'responses', 'Responses, JSON or SSE', true],
  ['GET', '/v1/models', 'openai', 'Every model that can be served', true],
  ['POST', '/v1/embeddings', 'openai', 'Embeddings', true],
  ['POST', '/v1/messages', 'anthropic', 'Messages, JSON or SSE', true],
  ['POST', '/v1/messages/count_tokens', 'anthropic', 'A real count', true],
  ['POST', '/v1beta/models/{model}:generateContent', 'gemini', 'One answer', true],
  ['POST', '/v1beta/models/{model}:streamGenerateContent', 'gemini', 'A stream', true],
  ['POST', '/models/{model}:streamGenerateContent', 'gemini', 'Kilo Code without a version', true],
  ['GET', '/healthz', 'none', 'Is it alive', true],
  ['GET', '/metrics', 'none', 'Prometheus metrics, off by default', false],
];
export const routes = () =>
  ROUTES.map(([method, path, protocol, summary, available]) => ({
    method,
    path,
    protocol,
    summary,
    available,
    url: ORIGIN + String(path),
    needs_key: path !== '/healthz',
    curl: available ? `curl ${ORIGIN}${String(path)}` : '',
  }));

/** @param {string} secret @param {string} host @param {string} model */
export function guides(secret, host, model) {
  const origin = host ? `http://${host}:8045` : ORIGIN;
  const token = secret || 'sk-agt-YOUR-KEY';
  /** @param {string} label @param {string} value @param {string} [help] */
  const step = (label, value, help = '') => ({
    label,
    value,
    help,
    secret: value === token && secret !== '',
  });
  /** @param {string} id @param {string} name @param {string} protocol @param {string} version @param {Record<string, unknown>} [over] */
  const guide = (id, name, protocol, version, over) => ({
    id,
    name,
    kind: 'client',
    protocol,
    base_url: origin + version,
    summary: `It speaks ${protocol} with this gateway.`,
    doc: `docs/clients/${id}.md`,
    request: `POST ${origin}${version}/…`,
    key_place: 'its settings',
    models: 'the large one does the work',
    command: `antigravity-tools client apply ${id}`,
    steps: [
      step('Base URL', origin + version, 'Enter it exactly like this.'),
      step('API key', token),
      step('Model', model || 'gemini-3.1-pro'),
    ],
    ways: /** @type {object[]} */ ([]),
    files: /** @type {object[]} */ ([]),
    troubles: [{ sign: '401', cure: 'The key is missing, disabled or expired.' }],
    notes: ['The model may be any name the gateway lists.'],
    snippets: /** @type {object[]} */ ([]),
    ...over,
  });
  /** @param {string} id @param {string} name @param {string} protocol @param {string} version */
  const sdk = (id, name, protocol, version) =>
    guide(id, name, protocol, version, {
      kind: 'sdk',
      request: '',
      troubles: [],
      snippets: ['curl', 'python', 'typescript', 'go', 'env'].map((language) => ({
        title: name,
        protocol,
        language,
        code: `${language}: ${origin}${version} ${token} ${model || 'gemini-3.1-pro'}`,
      })),
    });
  /** @param {string} path @param {string} text */
  const file = (path, text) => ({
    linux: `~/${path}`,
    macos: `~/${path}`,
    windows: `%USERPROFILE%\\${path}`,
    highlight: 'json',
    text,
  });
  return [
    guide('claude-code', 'Claude Code', 'anthropic', '', {
      files: [file('.claude/settings.json', `{\n  "env": { "ANTHROPIC_BASE_URL": "${origin}" }\n}`)],
    }),
    guide('codex', 'Codex', 'responses', '/v1', {
      files: [file('.codex/config.toml', `model_provider = "antigravity"\nbase_url = "${origin}/v1"`)],
    }),
    guide('gemini-cli', 'Gemini CLI', 'gemini', ''),
    guide('kilo-code', 'Kilo Code', 'gemini', '', {
      ways: [
        {
          title: 'In the editor',
          steps: [
            'Open its settings and choose the provider Google Gemini.',
            `Tick the custom base URL and enter ${origin}, without a version.`,
          ],
        },
      ],
    }),
    guide('opencode', 'opencode', 'gemini', '/v1beta'),
    sdk('openai-sdk', 'OpenAI SDKs', 'openai', '/v1'),
    sdk('anthropic-sdk', 'Anthropic SDKs', 'anthropic', ''),
    sdk('gemini-sdk', 'Google Gen AI SDKs', 'gemini', ''),
  ];
}

export const settings = () => [
  setting('ui.theme', 'Theme', 'Light, dark, or as the system has it.', 'choice', 'system', {
    options: options('system', 'light', 'dark'),
  }),
  setting('proxy.port', 'Port', 'Where the gateway listens.', 'int', '8045', {}),
  setting('proxy.auth_mode', 'Who needs a key', 'Which requests must show a key.', 'choice', 'auto', {
    options: options('auto', 'off', 'all_except_health', 'strict'),
  }),
  setting(
    'proxy.auto_start',
    'Start with the app',
    'The gateway listens as soon as the program runs.',
    'bool',
    'true',
    {},
  ),
  setting(
    'proxy.path_rewrite',
    'Rewrite wrong paths',
    'Leads wrong paths to the route they mean.',
    'choice',
    'off',
    { options: options('off', 'on') },
  ),
  setting(
    'proxy.cors_origins',
    'Browser origins',
    'Web pages that may call the gateway. Editors and loopback pages always may.',
    'list',
    '',
    {},
  ),
  setting(
    'proxy.allowed_hosts',
    'Allowed hosts',
    'Further names under which this machine is known.',
    'list',
    '',
    {},
  ),
  setting('proxy.max_body_bytes', 'Largest request', 'Bigger bodies get 413.', 'bytes', '104857600', {}),
  setting(
    'proxy.first_byte_timeout',
    'First byte',
    'Per attempt, until the provider sends anything.',
    'duration',
    '300s',
    {},
  ),
  setting(
    'scheduling.max_wait',
    'Longest wait for a free account',
    'If all are limited and one frees within this time, the request waits.',
    'duration',
    '30s',
    { value: '60s', changed: true },
  ),
  setting(
    'monitor.keep_bodies',
    'Keep request and answer texts',
    'They are private: sealed, and deleted after the retention.',
    'choice',
    'off',
    { options: options('off', 'errors', 'all'), locked: true, locked_by: 'ANTIGRAVITY_KEEP_BODIES' },
  ),
  setting('monitor.retention_days', 'Keep records for', 'Days.', 'int', '30', {}),
];
/** @param {string[]} values */
const options = (...values) =>
  values.map((value) => ({
    value,
    label: value.charAt(0).toUpperCase() + value.slice(1).replaceAll('_', ' '),
  }));
/** @param {string} name @param {string} label @param {string} description @param {string} type @param {string} standard @param {Record<string, unknown>} over */
function setting(name, label, description, type, standard, over) {
  return {
    key: name,
    section: name.split('.')[0],
    label,
    description,
    type,
    value: standard,
    default: standard,
    options: [],
    changed: false,
    locked: false,
    locked_by: '',
    ...over,
  };
}

export function usage() {
  const series = Array.from({ length: 48 }, (_, index) => ({
    started_at: ago((48 - index) * 1800),
    requests: Math.round(18 + 14 * Math.sin(index / 5) + (index % 5) * 3),
    errors: index % 9 === 0 ? 2 : 0,
    input_tokens: 300_000 + 120_000 * Math.sin(index / 4),
    cached_tokens: 120_000,
    output_tokens: 50_000 + (index % 6) * 4000,
    median_first_event_ms: 900 + 150 * Math.cos(index / 3),
  }));
  const totals = {
    requests: 1284,
    errors: 21,
    input_tokens: 15_900_000,
    cached_tokens: 11_200_000,
    output_tokens: 2_700_000,
    reasoning_tokens: 800_000,
    median_first_event_ms: 840,
  };
  return { totals, rows: [], series, since: ago(86_400), until: ago(0), by: 'model' };
}
