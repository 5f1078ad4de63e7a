// Codex, `codex exec --json` with an own provider in its config.toml.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { kinds } from '../lib/kinds.mjs';
import { run } from '../lib/process.mjs';
import { flash3 } from '../lib/world.mjs';
import { bin, jsonLines } from './bin.mjs';

export const codex = {
  name: 'Codex',
  alsoOver: { codeAssist: kinds.codeAssist },
  base: (gw) => `${gw}/v1`,
  countsWholeSession: true, // the usage of a resumed session holds its earlier turns
  wrong: { base: (gw) => gw, code: 'missing_version_prefix', cure: (gw) => `${gw}/v1` },

  /** Calls that read a file and replace a text in it. */
  edit: (file, from, to) => [
    { name: 'exec_command', args: { cmd: `cat '${file}'` } },
    { name: 'exec_command', args: { cmd: `sed -i 's/${from}/${to}/' '${file}'` } },
  ],
  /** A call that runs a command. */
  shell: (command) => ({ name: 'exec_command', args: { cmd: command } }),

  async run({ base, model, key, prompt, resume, builtIn, settings, env, dir, timeoutMS, until }) {
    await mkdir(join(env.HOME, '.codex'), { recursive: true });
    await writeFile(
      join(env.HOME, '.codex', 'config.toml'),
      `model = "${model}"\n${builtIn ? `openai_base_url = "${base}"\n` : provider(base, settings)}`,
    );
    const r = await run(
      bin('@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex'),
      [
        'exec',
        ...(resume ? ['resume', '--last'] : []),
        '--skip-git-repo-check',
        '--json',
        '--dangerously-bypass-approvals-and-sandbox',
        prompt,
      ],
      { cwd: dir, timeoutMS, until, env: { ...env, [builtIn ? 'CODEX_API_KEY' : 'GW_KEY']: key } },
    );
    const events = jsonLines(r.stdout);
    const texts = events.filter((e) => e.item?.type === 'agent_message').map((e) => e.item.text);
    const u = events.findLast((e) => e.usage)?.usage;
    return {
      ...r,
      text: texts.at(-1) ?? '',
      // Its input tokens hold the cached ones.
      usage: u && {
        input: u.input_tokens - (u.cached_input_tokens ?? 0),
        cached: u.cached_input_tokens ?? 0,
        output: u.output_tokens,
      },
    };
  },

  /** A call that shows an image to the model. */
  look: (file) => ({ name: 'view_image', args: { path: file } }),

  /** Its built-in provider opens a WebSocket first; it never tries again after a 429. */
  more({ fake, gateway, newPlace, fresh, judgeRun }) {
    test('the built-in provider answers and loops over a WebSocket', async (t) => {
      const place = await newPlace();
      t.after(place.remove);
      const seen = await fresh();
      const r = await place.run('Say the word pineapple.', { model: flash3, builtIn: true });
      await judgeRun(t, r, seen);
      assert.match(r.text, /^You said: /);
      assert.doesNotMatch(r.stdout, /Reconnecting|Falling back/i);

      const file = join(place.dir, 'notes.txt');
      await writeFile(file, 'alpha\nbeta\n');
      const again = await fresh();
      const calls = codex.edit(file, 'beta', 'gamma');
      await fake().script(...calls.map((call) => ({ model: flash3, reply: { parts: [{ call }] } })));
      const loop = await place.run('Replace beta by gamma in notes.txt.', { model: flash3, builtIn: true });
      const requests = await judgeRun(t, loop, again);
      assert.equal(await readFile(file, 'utf8'), 'alpha\ngamma\n');
      assert.match(loop.text, /^Done\. /);
      assert.equal(requests.length, calls.length + 1);
      assert.doesNotMatch(loop.stdout, /Reconnecting|Falling back/i);
      const traffic = await gateway().traffic();
      const sockets = traffic.filter((x) => x.method === 'GET' && x.path === '/v1/responses');
      assert.ok(sockets.length >= 4, `only ${sockets.length} turns came over a WebSocket`);
    });

    test('a short rate limit is waited out in the gateway', async (t) => {
      const seen = await fresh();
      const place = await newPlace();
      t.after(place.remove);
      const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '2s' }];
      const error = { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Slow down.', details };
      await fake().script({ model: flash3, error });
      const r = await place.run('Say the word pineapple.', { model: flash3 });
      const requests = await judgeRun(t, r, seen);
      assert.deepEqual(
        requests.map((q) => q.status),
        [429, 200],
      );
      assert.match(r.text, /^You said: /);
    });
  },
};

const provider = (base, more = '') => `model_provider = "gw"
[model_providers.gw]
name = "gw"
base_url = "${base}"
env_key = "GW_KEY"
wire_api = "responses"
${more}`;
