// Claude Code, one shot: https://docs.anthropic.com/en/docs/claude-code/cli-reference
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kinds } from '../lib/kinds.mjs';
import { run } from '../lib/process.mjs';
import { flash3 } from '../lib/world.mjs';
import { bin } from './bin.mjs';

export const claude = {
  name: 'Claude Code',
  alsoOver: { vertexClaude: kinds.vertexClaude },
  base: (gw) => gw,
  wrong: {
    base: (gw) => `${gw}/v1`, // it adds /v1/messages itself
    code: 'duplicated_version_prefix',
    cure: (gw) => gw,
  },

  /** Calls that read a file and replace a text in it. */
  edit: (file, from, to) => [
    { name: 'Read', args: { file_path: file } },
    { name: 'Edit', args: { file_path: file, old_string: from, new_string: to } },
  ],
  /** A call that runs a command. */
  shell: (command) => ({ name: 'Bash', args: { command, description: 'Runs a command' } }),

  async run({ base, model, key, small, prompt, resume, bearer, env, dir, timeoutMS, until }) {
    const r = await run(
      bin('@anthropic-ai/claude-code-linux-x64/claude'),
      [
        '-p',
        prompt,
        '--output-format',
        'json',
        '--allowedTools',
        'Read,Write,Edit,Bash',
        ...(resume ? ['--continue'] : []),
      ],
      {
        cwd: dir,
        timeoutMS,
        until,
        env: {
          ...env,
          ANTHROPIC_BASE_URL: base,
          ...(bearer
            ? { ANTHROPIC_AUTH_TOKEN: key, CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY: '1' }
            : { ANTHROPIC_API_KEY: key }),
          ANTHROPIC_MODEL: model,
          ANTHROPIC_DEFAULT_HAIKU_MODEL: small,
          ANTHROPIC_SMALL_FAST_MODEL: small,
          CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
          DISABLE_AUTOUPDATER: '1',
        },
      },
    );
    let reply = {};
    try {
      reply = JSON.parse(r.stdout);
    } catch {
      // What it printed is judged as text then.
    }
    const u = reply.usage ?? {};
    return {
      ...r,
      text: reply.result ?? '',
      usage:
        u.output_tokens === undefined
          ? undefined
          : {
              input: u.input_tokens + (u.cache_creation_input_tokens ?? 0),
              cached: u.cache_read_input_tokens ?? 0,
              output: u.output_tokens,
            },
    };
  },

  /** A call that shows an image to the model. */
  look: (file) => ({ name: 'Read', args: { file_path: file } }),

  more({ newPlace, fresh, judgeRun }) {
    test('a bearer token and model discovery', async (t) => {
      const seen = await fresh();
      const place = await newPlace();
      t.after(place.remove);
      const r = await place.run('Say the word pineapple.', { model: flash3, bearer: true });
      await judgeRun(t, r, seen);
      assert.match(r.text, /^You said: /);
    });
  },
};
