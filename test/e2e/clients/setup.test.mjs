// `client apply` into an empty home, then the real client without any other setting, then `client restore`.
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { run } from '../lib/process.mjs';
import { bareEnv, Gateway, scratch } from '../lib/world.mjs';
import { bin, node } from './bin.mjs';
import { crush, program as ownCrush } from './crush.mjs';

const prompt = 'Say the word pineapple.';

const clients = {
  'claude-code': {
    start: () => [bin('@anthropic-ai/claude-code-linux-x64/claude'), '-p', prompt, '--output-format', 'json'],
  },
  codex: {
    start: () => [
      bin('@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex'),
      'exec',
      '--skip-git-repo-check',
      '--json',
      prompt,
    ],
    answer: /"type":"agent_message"/, // loopback says its last words, which are not the prompt
  },
  'gemini-cli': {
    start: () => [node, bin('@google/gemini-cli/bundle/gemini.js'), '--output-format', 'json', '-p', prompt],
    // There is nobody to answer whether the folder is to be trusted.
    env: { GEMINI_CLI_TRUST_WORKSPACE: 'true' },
  },
  'kilo-code': {
    start: () => [bin('@kilocode/cli-linux-x64/bin/kilo'), 'run', '--auto', '--format', 'json', prompt],
  },
  opencode: {
    start: () => [bin('opencode-linux-x64/bin/opencode'), 'run', '--auto', '--format', 'json', prompt],
  },
  'qwen-code': {
    start: () => [node, bin('@qwen-code/qwen-code/cli-entry.js'), '--output-format', 'json', '-p', prompt],
  },
  cline: {
    start: () => [bin('@cline/cli-linux-x64/bin/cline'), '--json', prompt],
    answer: /"type":"run_result","finishReason":"completed".*pineapple/,
  },
  continue: {
    start: () => [node, bin('@continuedev/cli/dist/cn.js'), '-p', prompt],
  },
  droid: {
    // Its own models come first: ours is named, as a person does with /model. It needs no account for that.
    start: () => [bin('@factory/cli-linux-x64/bin/droid'), 'exec', '-m', 'custom:loopback', prompt],
  },
};

if (ownCrush) clients.crush = { start: () => [ownCrush, 'run', '--quiet', prompt], env: crush.offline };

describe('client set-up', () => {
  let gateway;
  before(async () => {
    gateway = await Gateway.start({ auth: true });
  });
  after(() => gateway.stop());

  for (const [name, client] of Object.entries(clients)) {
    test(`${name}: apply, answer, restore`, async (t) => {
      const home = await scratch('setup');
      t.after(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
      const dir = join(home, 'work');
      await mkdir(dir);
      const command = async (...args) => {
        const r = await run(
          process.env.AGT_BINARY,
          ['--data-dir', join(gateway.home, 'data'), 'client', ...args],
          {
            env: bareEnv(home, { ANTIGRAVITY_KEYRING: 'off' }),
            timeoutMS: 30_000,
          },
        );
        assert.equal(r.code, 0, `${args.join(' ')}\n${r.stdout}${r.stderr}`);
        return r.stdout;
      };
      const plan = JSON.parse(await command('apply', name, '--model', 'loopback', '--json'));
      const files = plan.files.map((f) => f.path);
      const applied = await Promise.all(files.map((path) => readFile(path, 'utf8')));
      assert.equal(plan.changed, true);
      assert.match(await command('verify', name), /Say hello/);

      const seen = (await gateway.traffic()).length;
      const [file, ...args] = client.start();
      const r = await run(file, args, { cwd: dir, env: bareEnv(home, client.env), timeoutMS: 120_000 });
      assert.equal(r.code, 0, `${r.stdout.slice(-3000)}${r.stderr.slice(-3000)}`);
      assert.match(r.stdout, client.answer ?? /pineapple/, r.stderr.slice(-2000));
      const traffic = (await gateway.traffic()).slice(seen);
      assert.ok(traffic.length > 0 && traffic.every((x) => x.status === 200), JSON.stringify(traffic));
      assert.deepEqual(await gateway.problems(), []);

      const met = await Promise.all(files.map((path) => readFile(path, 'utf8')));
      await command('restore', name);
      for (const [i, path] of files.entries()) {
        const left = await readFile(path, 'utf8').catch(() => '');
        if (met[i] === applied[i]) assert.equal(left, '', `${path} was not there before`);
        // What the client has written there since stays.
        assert.ok(!left.includes(gateway.url) && !left.includes('sk-agt-'), `${path}:\n${left}`);
      }
      t.diagnostic(`${r.ms} ms; left in the home: ${(await readdir(home)).join(' ')}`);
    });
  }
});
