// Gemini CLI, headless.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeAssist, kinds } from '../lib/kinds.mjs';
import { run } from '../lib/process.mjs';
import { bin, node } from './bin.mjs';

export const gemini = {
  name: 'Gemini CLI',
  // 0.61.0 sends each result of a resumed session twice and drops the signatures: no fault of a gateway that relays as it is.
  resumes: false,
  // Asked for a Gemini 3 Pro it asks for one of its own choice.
  alsoOver: { vertexGemini: kinds.vertexGemini, codeAssist: codeAssist('gemini-2.5-pro') },
  base: (gw) => gw,
  wrong: { base: (gw) => `${gw}/v1`, code: 'duplicated_version_prefix', cure: (gw) => gw },

  /** Calls that read a file and replace a text in it. */
  edit: (file, from, to) => [
    { name: 'read_file', args: { file_path: file } },
    {
      name: 'replace',
      args: { file_path: file, instruction: `Replace ${from} by ${to}.`, old_string: from, new_string: to },
    },
  ],
  /** A call that runs a command. */
  shell: (command) => ({ name: 'run_shell_command', args: { command, description: 'Runs a command' } }),

  async run({ base, model, key, prompt, resume, env, dir, timeoutMS, until }) {
    await mkdir(join(env.HOME, '.gemini'), { recursive: true });
    await writeFile(
      join(env.HOME, '.gemini', 'settings.json'),
      JSON.stringify({
        security: { auth: { selectedType: 'gemini-api-key' } },
        privacy: { usageStatisticsEnabled: false },
        general: { enableAutoUpdate: false },
      }),
    );
    const r = await run(
      node,
      [
        bin('@google/gemini-cli/bundle/gemini.js'),
        '-m',
        model,
        '--yolo',
        '--output-format',
        'json',
        ...(resume ? ['--resume', 'latest'] : []),
        '-p',
        prompt,
      ],
      {
        cwd: dir,
        timeoutMS,
        until,
        env: {
          ...env,
          GEMINI_API_KEY: key,
          GOOGLE_GEMINI_BASE_URL: base,
          GEMINI_CLI_TRUST_WORKSPACE: 'true',
        },
      },
    );
    let reply = {};
    try {
      reply = JSON.parse(r.stdout);
    } catch {
      // What it printed is judged as text then.
    }
    return { ...r, text: reply.response ?? '', usage: sum(reply.stats?.models) };
  },
};

/** Its statistics count per model; the output is candidates and thoughts. */
function sum(models) {
  if (!models) return undefined;
  const total = { input: 0, cached: 0, output: 0 };
  for (const { tokens } of Object.values(models)) {
    total.input += tokens.prompt - tokens.cached;
    total.cached += tokens.cached;
    total.output += tokens.candidates + (tokens.thoughts ?? 0);
  }
  return total;
}
