// Qwen Code, headless, with its OpenAI sign-in.
import { run } from '../lib/process.mjs';
import { bin, node } from './bin.mjs';

export const qwen = {
  name: 'Qwen Code',
  base: (gw) => `${gw}/v1`,
  countsWholeSession: true, // the usage of a resumed session holds its earlier turns
  sideTasks: 1, // after an answer it asks the same model once more, for a suggestion
  wrong: { base: (gw) => gw, code: 'missing_version_prefix', cure: (gw) => `${gw}/v1` },

  /** Calls that read a file and replace a text in it. */
  edit: (file, from, to) => [
    { name: 'read_file', args: { file_path: file } },
    { name: 'edit', args: { file_path: file, old_string: from, new_string: to } },
  ],
  /** A call that runs a command. */
  shell: (command) => ({ name: 'run_shell_command', args: { command, is_background: false } }),

  async run({ base, model, key, prompt, resume, env, dir, timeoutMS, until }) {
    const r = await run(
      node,
      [
        bin('@qwen-code/qwen-code/cli-entry.js'),
        '--auth-type',
        'openai',
        '--yolo',
        '--output-format',
        'json',
        ...(resume ? ['--continue'] : []),
        '-p',
        prompt,
      ],
      {
        cwd: dir,
        timeoutMS,
        until,
        env: { ...env, OPENAI_API_KEY: key, OPENAI_BASE_URL: base, OPENAI_MODEL: model },
      },
    );
    let events = [];
    try {
      events = JSON.parse(r.stdout);
    } catch {
      // What it printed is judged as text then.
    }
    const result = events.findLast?.((e) => e.type === 'result');
    const u = result?.usage;
    return {
      ...r,
      text: result?.result ?? '',
      usage: u && {
        input: u.input_tokens - (u.cache_read_input_tokens ?? 0),
        cached: u.cache_read_input_tokens ?? 0,
        output: u.output_tokens,
      },
    };
  },
};
