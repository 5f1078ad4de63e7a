// Droid, one prompt with a model of one's own: it wants no account then, and within its air gap it does not wait for its maker.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../lib/process.mjs';
import { bin, jsonLines } from './bin.mjs';

export const droid = {
  name: 'Droid',
  base: (gw) => `${gw}/v1`,

  async run({ base, model, key, prompt, plain, env, dir, timeoutMS, until }) {
    await mkdir(join(env.HOME, '.factory'), { recursive: true });
    const entry = { model, displayName: 'Ours', baseUrl: base, apiKey: key, provider: 'generic-chat-completion-api' };
    await writeFile(join(env.HOME, '.factory', 'settings.json'), JSON.stringify({ customModels: [entry] }));
    const output = plain ? [] : ['-o', 'stream-json'];
    const r = await run(
      bin('@factory/cli-linux-x64/bin/droid'),
      ['exec', ...output, '-m', `custom:${model}`, prompt],
      { cwd: dir, timeoutMS, until, env: { ...env, FACTORY_AIRGAP_ENABLED: 'true' } },
    );
    const said = jsonLines(r.stdout).filter((e) => e.type === 'message' && e.role === 'assistant');
    return { ...r, text: said.map((e) => e.text).join('') };
  },
};
