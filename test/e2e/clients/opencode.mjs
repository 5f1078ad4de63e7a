// opencode with its openai-compatible provider.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../lib/process.mjs';
import { bin, jsonLines, modelList, stepTokens } from './bin.mjs';

export const opencode = {
  name: 'OpenCode',
  base: (gw) => `${gw}/v1`,
  wrong: { base: (gw) => gw, code: 'missing_version_prefix', cure: (gw) => `${gw}/v1` },

  /** Calls that read a file and replace a text in it. */
  edit: (file, from, to) => [
    { name: 'read', args: { filePath: file } },
    { name: 'edit', args: { filePath: file, oldString: from, newString: to } },
  ],
  /** A call that runs a command. */
  shell: (command) => ({ name: 'bash', args: { command, description: 'Runs a command' } }),

  program: bin('opencode-linux-x64/bin/opencode'),
  settings: 'opencode.json',
  provider: 'gateway',
  offline: { OPENCODE_DISABLE_MODELS_FETCH: '1' },
  config: ({ base, key, model, small }) => ({
    provider: {
      gateway: {
        npm: '@ai-sdk/openai-compatible',
        name: 'Gateway',
        options: { baseURL: base, apiKey: key },
        models: modelList(model, small),
      },
    },
    model: `gateway/${model}`,
    small_model: `gateway/${small}`,
    autoupdate: false,
    share: 'disabled',
  }),

  async run({ base, model, key, small, prompt, resume, env, dir, timeoutMS, until }) {
    const config = join(env.HOME, '.config', 'opencode');
    await mkdir(config, { recursive: true });
    await writeFile(
      join(config, opencode.settings),
      JSON.stringify(opencode.config({ base, key, model, small })),
    );
    const r = await run(
      opencode.program,
      [
        'run',
        '--auto',
        '--format',
        'json',
        '--model',
        `gateway/${model}`,
        ...(resume ? ['--continue'] : []),
        prompt,
      ],
      { cwd: dir, timeoutMS, until, env: { ...env, ...opencode.offline } },
    );
    const events = jsonLines(r.stdout);
    const texts = events.filter((e) => e.type === 'text').map((e) => e.part?.text);
    return { ...r, text: texts.at(-1) ?? '', usage: stepTokens(events) };
  },
};
