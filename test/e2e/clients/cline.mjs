// Cline's command line, one prompt, with its OpenAI Compatible provider.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../lib/process.mjs';
import { bin, jsonLines } from './bin.mjs';

export const cline = {
  name: 'Cline',
  base: (gw) => `${gw}/v1`,

  async run({ base, model, key, prompt, env, dir, timeoutMS, until }) {
    const settings = join(env.HOME, '.cline', 'data', 'settings');
    await mkdir(settings, { recursive: true });
    const provider = 'openai-compatible';
    const entry = { settings: { provider, apiKey: key, model, baseUrl: base }, tokenSource: 'manual', updatedAt: '2026-01-01T00:00:00.000Z' };
    const file = { version: 1, lastUsedProvider: provider, providers: { [provider]: entry } };
    await writeFile(join(settings, 'providers.json'), JSON.stringify(file));
    const r = await run(bin('@cline/cli-linux-x64/bin/cline'), ['--json', prompt], {
      cwd: dir,
      timeoutMS,
      until,
      // Without it a daemon is left behind that outlives the program.
      env: { ...env, CLINE_SESSION_BACKEND_MODE: 'local' },
    });
    const done = jsonLines(r.stdout).find((e) => e.type === 'run_result' && e.finishReason === 'completed');
    return { ...r, text: done?.text ?? '' };
  },
};
