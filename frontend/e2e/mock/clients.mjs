// Invented coding clients for the mock: one of each state.
const HOME = '/home/ada';
const BACKUPS = `${HOME}/.local/share/antigravity-tools/clients/backups`;

/** @param {string} name @param {string} title @param {Record<string, unknown>} [over] */
const client = (name, title, over = {}) => ({
  name,
  title,
  installed: true,
  binary: `/usr/local/bin/${name}`,
  version: '',
  state: 'not_set_up',
  base_url: '',
  model: '',
  small_model: '',
  key_name: '',
  set_up_at: /** @type {string | null} */ (null),
  files: [{ path: `${HOME}/.config/${name}/settings.json`, exists: true, error: '' }],
  warnings: /** @type {string[]} */ ([]),
  notes: /** @type {string[]} */ ([]),
  backups: `${BACKUPS}/${name}`,
  ...over,
});
const mine = {
  base_url: 'http://127.0.0.1:8045',
  model: 'gemini-3.1-pro',
  small_model: 'gemini-3-flash',
  key_name: 'laptop',
  set_up_at: '2026-11-03T14:02:00Z',
};

export const clients = () => [
  client('claude-code', 'Claude Code', {
    ...mine,
    state: 'set_up',
    files: [{ path: `${HOME}/.claude/settings.json`, exists: true, error: '' }],
    warnings: ['the environment variable ANTHROPIC_API_KEY is set: it is sent beside our key'],
  }),
  client('codex', 'Codex', {
    ...mine,
    state: 'outdated',
    base_url: 'http://127.0.0.1:8046/v1',
    files: [{ path: `${HOME}/.codex/config.toml`, exists: true, error: '' }],
  }),
  client('gemini-cli', 'Gemini CLI', {
    state: 'by_hand',
    base_url: 'http://127.0.0.1:8045',
    model: 'gemini-3-flash',
  }),
  client('kilo-code', 'Kilo Code', {
    ...mine,
    state: 'changed',
    base_url: 'http://127.0.0.1:8045/v1/chat/completions',
    files: [{ path: `${HOME}/.config/kilo/kilo.jsonc`, exists: true, error: '' }],
    notes: [
      'This is the command line’s file. In the editor’s extension choose the provider Google Gemini and switch the custom base URL on.',
    ],
  }),
  client('opencode', 'opencode', { state: 'elsewhere', base_url: 'https://openrouter.ai/api/v1' }),
  client('qwen-code', 'Qwen Code', { installed: false, binary: '' }),
  client('crush', 'Crush'),
  client('zed', 'Zed', {
    state: 'broken',
    files: [
      {
        path: `${HOME}/.config/zed/settings.json`,
        exists: true,
        error: `${HOME}/.config/zed/settings.json:12:7: a comma is missing before this`,
      },
    ],
  }),
];

const DIFF = `--- PATH
+++ PATH
@@ -6,6 +6,13 @@
   "provider": {
     // team default, do not reorder
     "openai": { "options": {} },
+    "google": {
+      "options": {
+        "baseURL": "ROOT/v1beta",
+        "apiKey": "sk-agt-7Q…"
+      },
+      "models": { "MODEL": { "name": "MODEL", "tool_call": true, "reasoning": true } }
+    }
   },
-  "model": "openai/gpt-5-mini",
+  "model": "google/MODEL",
   "share": "disabled"
 }
`;

/**
 * The client verbs over a model of invented state.
 * @param {{ clients: ReturnType<typeof clients>, server: { base_urls: { gemini: string } } }} model
 * @param {(ms: number) => Promise<unknown>} wait
 */
export function clientVerbs(model, wait) {
  /** @param {string} name */
  const find = (name) => {
    const one = model.clients.find((candidate) => candidate.name === name);
    if (!one) throw new Error(`there is no client ${name}`);
    return one;
  };
  /** @param {any} request */
  const plan = ({ name, key_id, model: wanted, small_model }) => {
    const one = find(name);
    const broken = one.files.find(({ error }) => error !== '');
    if (broken) throw new Error(broken.error);
    const root = model.server.base_urls.gemini;
    const chosen = wanted || one.model || 'gemini-3.1-pro';
    const done = one.state === 'set_up' && chosen === one.model && !key_id;
    const files = one.files.map(({ path }) => ({
      path,
      action: done ? 'none' : 'change',
      diff: done ? '' : DIFF.replaceAll('PATH', path).replaceAll('ROOT', root).replaceAll('MODEL', chosen),
    }));
    return {
      name,
      title: one.title,
      changed: !done,
      files,
      warnings: one.warnings,
      notes: one.notes,
      root,
      model: chosen,
      small_model: small_model || one.small_model || chosen,
      key_name: one.key_name || name,
      key_is_new: one.key_name === '' && !key_id,
      model_known: chosen.startsWith('gemini-'),
      small_known: true,
      backups: one.backups,
      digest: JSON.stringify(files),
      restore_of: '',
    };
  };
  /** @param {string} name */
  const planRestore = (name) => {
    const one = find(name);
    const made = plan({ name, model: 'x' });
    const files = one.files.map(({ path }) => ({
      path,
      action: 'change',
      diff: `--- ${path}\n+++ ${path}\n@@ -3,3 +3,2 @@\n {\n-  "baseURL": "${one.base_url}",\n   "theme": "dark"\n`,
    }));
    return { ...made, changed: true, files, digest: 'back', restore_of: one.set_up_at ?? '' };
  };
  const check = (/** @type {string} */ digest, /** @type {string} */ shown) => {
    if (digest !== shown) throw new Error('the files are not as the plan showed them');
  };
  return /** @type {Record<string, (request: any) => unknown>} */ ({
    ClientList: () => ({ machine: 'ada-desktop', home: HOME, clients: model.clients }),
    ClientShow: ({ name }) => ({ ...find(name), version: find(name).installed ? '2.1.0' : '' }),
    ClientPlan: plan,
    ClientApply: (request) => {
      const shown = plan(request);
      check(request.digest, shown.digest);
      return Object.assign(find(request.name), {
        state: 'set_up',
        base_url: shown.root,
        model: shown.model,
        small_model: shown.small_model,
        key_name: shown.key_name,
        set_up_at: new Date().toISOString(),
      });
    },
    ClientPlanRestore: ({ name }) => planRestore(name),
    ClientRestore: ({ name, digest }) => {
      check(digest, 'back');
      return Object.assign(find(name), { state: 'not_set_up', base_url: '', model: '', set_up_at: null });
    },
    ClientVerify: async ({ name }) => {
      await wait(400);
      const one = find(name);
      const good = one.base_url === model.server.base_urls.gemini;
      return {
        name,
        command: one.installed ? `${name} -p 'Say hello.'` : '',
        url: `${one.base_url}/v1/messages`,
        model: one.model,
        ok: good,
        status: good ? 200 : 404,
        answer: good ? 'Hello! How can I help you today?' : '',
        note: '',
        error: good ? '' : 'The base URL goes down to a resource: enter http://127.0.0.1:8045 instead.',
        latency_ms: 842,
      };
    },
  });
}
