// Crush, one prompt with `crush run`. Its npm package downloads the program when it is installed, so whoever has one names it:
// AGT_CRUSH=/path/to/crush.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../lib/process.mjs';

export const program = process.env.AGT_CRUSH;

export const crush = {
  name: 'Crush',
  base: (gw) => `${gw}/v1`,
  silentOnTokens: true, // its command prints the answer alone
  wrong: { base: (gw) => gw, code: 'missing_version_prefix', cure: (gw) => `${gw}/v1` },

  /** Calls that read a file and replace a text in it. */
  edit: (file, from, to) => [
    { name: 'view', args: { file_path: file } },
    { name: 'edit', args: { file_path: file, old_string: from, new_string: to } },
  ],
  /** A call that runs a command. */
  shell: (command) => ({ name: 'bash', args: { command, description: 'Runs a command' } }),

  /** Neither lists of models nor figures about its use are fetched or sent. */
  offline: { CRUSH_DISABLE_PROVIDER_AUTO_UPDATE: '1', CRUSH_DISABLE_METRICS: '1' },

  async run({ base, model, key, small, prompt, resume, env, dir, timeoutMS, until }) {
    const [config, data] = [join(env.HOME, '.config', 'crush'), join(env.HOME, '.local', 'share', 'crush')];
    await mkdir(config, { recursive: true });
    await mkdir(data, { recursive: true });
    const models = [model, small ?? model].map((id) => ({ id, name: id, context_window: 200_000, default_max_tokens: 32_000, can_reason: true }));
    const provider = { name: 'Ours', type: 'openai-compat', base_url: base, api_key: key, models };
    await writeFile(join(config, 'crush.json'), JSON.stringify({ providers: { ours: provider } }));
    const choice = { large: { provider: 'ours', model }, small: { provider: 'ours', model: small ?? model } };
    await writeFile(join(data, 'crush.json'), JSON.stringify({ models: choice }));
    const r = await run(program, ['run', '--quiet', ...(resume ? ['--continue'] : []), prompt], {
      cwd: dir,
      timeoutMS,
      until,
      env: { ...env, ...crush.offline },
    });
    // It breaks an error's lines at 120 columns.
    return { ...r, stderr: r.stderr.replace(/\s*\n\s*/g, ' '), text: r.stdout.trim() };
  },
};
