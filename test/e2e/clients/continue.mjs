// Continue's command line (cn), one prompt.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../lib/process.mjs';
import { bin, node } from './bin.mjs';

export const cn = {
  name: 'Continue',
  base: (gw) => `${gw}/v1`,

  async run({ base, model, key, prompt, env, dir, timeoutMS, until }) {
    await mkdir(join(env.HOME, '.continue'), { recursive: true });
    const entry = { name: 'Ours', provider: 'openai', model, apiBase: base, apiKey: key, capabilities: ['tool_use'] };
    const config = { name: 'Main Config', version: '1.0.0', schema: 'v1', models: [entry] };
    await writeFile(join(env.HOME, '.continue', 'config.yaml'), JSON.stringify(config)); // JSON is YAML too
    const r = await run(node, [bin('@continuedev/cli/dist/cn.js'), '-p', prompt], { cwd: dir, timeoutMS, until, env });
    return { ...r, text: r.code === 0 ? r.stdout : '' };
  },
};
