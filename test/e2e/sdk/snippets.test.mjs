// The snippets that the window and the guides show, with a live address and key in them, run as a reader would run them.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { bin, node } from '../clients/bin.mjs';
import { run } from '../lib/process.mjs';
import { bareEnv, Gateway, scratch } from '../lib/world.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** Loopback repeats what every snippet asks. */
const answer = /Say hello\./;
const titles = ['OpenAI Chat Completions', 'OpenAI Responses', 'Anthropic Messages', 'Gemini'];
/** Python with the SDKs is not everywhere: where one lacks, a stand-in makes the call that it would make. */
const python = process.env.AGT_PYTHON ?? 'python3';

/** What the variables of each vendor are for: an SDK that is told nothing else. */
const byEnvironment = {
  openai: `import OpenAI from 'openai';
const answer = await new OpenAI().chat.completions.create({ model: 'loopback', messages: [{ role: 'user', content: 'Say hello.' }] });
console.log(answer.choices[0].message.content);`,
  anthropic: `import Anthropic from '@anthropic-ai/sdk';
const answer = await new Anthropic().messages.create({ model: 'loopback', max_tokens: 99, messages: [{ role: 'user', content: 'Say hello.' }] });
console.log(answer.content[0].text);`,
  gemini: `import { GoogleGenAI } from '@google/genai';
const answer = await new GoogleGenAI({}).models.generateContent({ model: 'loopback', contents: 'Say hello.' });
console.log(answer.text);`,
};

describe('snippets', () => {
  let gateway, home, programs;
  const snippets = [];

  before(async () => {
    gateway = await Gateway.start({ auth: true });
    home = await scratch('snippets');
    await symlink(bin(''), join(home, 'node_modules'));
    await writeFile(join(home, 'package.json'), '{"type":"module"}');
    const [key] = await gateway.rpc('ListKeys');
    const guides = await gateway.rpc('ConnectGuides', { key_id: key.id, model: 'loopback' });
    snippets.push(...guides.filter((g) => g.kind === 'sdk').flatMap((g) => g.snippets));
  });
  after(async () => {
    if (programs) await rm(programs, { recursive: true, force: true });
    await rm(home, { recursive: true, force: true });
    await gateway.stop();
  });

  const of = (language) => snippets.filter((s) => s.language === language);

  async function start(file, args, env = {}) {
    const r = await run(file, args, { cwd: home, env: bareEnv(home, env), timeoutMS: 60_000 });
    assert.equal(r.code, 0, `${args.join(' ')}\n${r.stdout}${r.stderr}`);
    return r.stdout;
  }

  /** Runs the snippets of a language, one call each, and looks at the answers and at the gateway's records. */
  async function judge(language, runs, titled = titles) {
    assert.deepEqual(
      of(language).map((s) => s.title),
      titled,
    );
    const before = (await gateway.traffic()).length;
    for (const [i, s] of of(language).entries()) {
      assert.ok(s.code.includes(gateway.url) && s.code.includes(gateway.key), s.code);
      assert.match(await runs(s, i), answer, s.code);
    }
    const traffic = (await gateway.traffic()).slice(before);
    assert.deepEqual(
      traffic.map((x) => [x.status, x.key_name]),
      titled.map(() => [200, 'client']),
      JSON.stringify(traffic),
    );
    assert.deepEqual(await gateway.problems(), []);
  }

  test('cURL', () => judge('curl', (s) => start('bash', ['-euc', s.code])));

  test('TypeScript', () =>
    judge('typescript', async (s, i) => {
      await writeFile(join(home, `${i}.ts`), s.code);
      return start(node, [`${i}.ts`]);
    }));

  test('Go', async () => {
    // In the module, whose SDKs these are; a directory that begins with _ is in no pattern.
    await mkdir(join(root, 'build', 'test'), { recursive: true });
    programs = await mkdtemp(join(root, 'build', 'test', '_snippets-'));
    for (const [i, s] of of('go').entries()) {
      await mkdir(join(programs, String(i)));
      await writeFile(join(programs, String(i), 'main.go'), s.code);
    }
    const build = await run('go', ['build', '-o', `${home}/`, ...of('go').map((_, i) => join(programs, String(i)))], {
      cwd: root,
      env: process.env, // as the other judges are built, so that the SDKs are compiled once
      timeoutMS: 400_000,
    });
    assert.equal(build.code, 0, build.stdout + build.stderr);
    await judge('go', (s, i) => start(join(home, String(i)), []));
  });

  test('Python', async (t) => {
    const modules = ['openai', 'anthropic', 'google.genai'];
    const there = await run(python, ['-c', modules.map((m) => `import ${m}`).join('; ')], { cwd: home, env: bareEnv(home) });
    t.diagnostic(there.code === 0 ? 'the SDKs themselves' : 'stand-ins for the SDKs');
    const env = { PYTHONDONTWRITEBYTECODE: '1', ...(there.code === 0 ? {} : { PYTHONPATH: join(root, 'test/e2e/lib/python') }) };
    await judge('python', async (s, i) => {
      await writeFile(join(home, `${i}.py`), s.code);
      return start(python, [`${i}.py`], env);
    });
  });

  test('environment variables', () =>
    judge(
      'env',
      async (s, i) => {
        await writeFile(join(home, `${i}.env`), s.code);
        await writeFile(join(home, `env-${i}.mjs`), byEnvironment[s.protocol]);
        return start('bash', ['-euc', `. ./${i}.env; exec "$0" env-${i}.mjs`, node]);
      },
      ['OpenAI Chat Completions', 'Anthropic Messages', 'Gemini'],
    ));
});
