// Kilo Code's command line program with its Gemini provider.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../lib/process.mjs';
import { bin, jsonLines, modelList, stepTokens } from './bin.mjs';

export const kilo = {
  name: 'Kilo Code',
  // Its AI SDK passes over the error object of a Gemini stream: what came before stands as the whole answer.
  missesStreamErrors: true,
  base: (gw) => `${gw}/v1beta`,
  otherBase: (gw) => gw, // it adds no version then: /models/M:verb
  wrong: { base: (gw) => `${gw}/v1/v1`, code: 'duplicated_version_prefix', cure: (gw) => gw },

  /** Calls that read a file and replace a text in it. */
  edit: (file, from, to) => [
    { name: 'read', args: { filePath: file } },
    { name: 'edit', args: { filePath: file, oldString: from, newString: to } },
  ],
  /** A call that runs a command. */
  shell: (command) => ({ name: 'bash', args: { command, description: 'Runs a command' } }),

  program: bin('@kilocode/cli-linux-x64/bin/kilo'),
  settings: 'kilo.json',
  provider: 'google',
  offline: { KILO_DISABLE_MODELS_FETCH: '1' },
  config: ({ base, key, model, small }) => ({
    provider: { google: { options: { baseURL: base, apiKey: key }, models: modelList(model, small) } },
    model: `google/${model}`,
    small_model: `google/${small}`,
  }),

  async run({ base, model, key, small, prompt, resume, env, dir, timeoutMS, until }) {
    await mkdir(join(env.HOME, '.config', 'kilo'), { recursive: true });
    await writeFile(
      join(env.HOME, '.config', 'kilo', kilo.settings),
      JSON.stringify(kilo.config({ base, key, model, small })),
    );
    const r = await run(
      kilo.program,
      [
        'run',
        '--auto',
        '--format',
        'json',
        '--model',
        `google/${model}`,
        ...(resume ? ['--continue'] : []),
        prompt,
      ],
      {
        cwd: dir,
        timeoutMS,
        until,
        env: { ...env, ...kilo.offline },
      },
    );
    const events = jsonLines(r.stdout);
    const texts = events.filter((e) => e.type === 'text').map((e) => e.part?.text);
    return {
      ...r,
      text: texts.at(-1) ?? '',
      usage: stepTokens(events),
    };
  },
};
