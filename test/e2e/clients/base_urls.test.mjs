// Each mistaken base URL, typed into each client: it works, or the cure is where a person looks.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { AIServer } from '../lib/ai_server.mjs';
import { mistakes, names, page, until, WrongPort } from '../lib/base_urls.mjs';
import { newPlace } from '../lib/place.mjs';
import { Gateway } from '../lib/world.mjs';
import { claude } from './claude.mjs';
import { cline } from './cline.mjs';
import { codex } from './codex.mjs';
import { cn } from './continue.mjs';
import { crush, program as ownCrush } from './crush.mjs';
import { droid } from './droid.mjs';
import { gemini } from './gemini.mjs';
import { kilo } from './kilo.mjs';
import { opencode } from './opencode.mjs';
import { qwen } from './qwen.mjs';

const chat = '/v1/chat/completions';
const generate = '/v1beta/models/gemini-3-flash-preview:streamGenerateContent';

/**
 * `once` keeps a client from trying again and again, by its own settings; `doctor` is its name in the doctor's list; one that
 * `serves` is started once for all (their own judges start the command with a mistake). `seenAs` is what its headers say where
 * they do not say its name; one that is `absent` is not run. One that `echoes` prints the prompt too, so that only its `text` is an answer. `begun` is what it prints
 * before its first try, where it tries again for over a minute without a word or a sign to anybody.
 */
const clients = {
  kilo: { client: kilo, right: (gw) => gw, resource: generate, doctor: 'Kilo Code', serves: true },
  opencode: { client: opencode, right: (gw) => `${gw}/v1`, resource: chat, doctor: 'OpenCode (OpenAI)', serves: true },
  qwen: { client: qwen, right: (gw) => `${gw}/v1`, resource: chat, doctor: 'Qwen Code' },
  gemini: { client: gemini, right: (gw) => gw, resource: generate, doctor: 'Gemini CLI', once: onceGemini },
  claude: { client: claude, right: (gw) => gw, resource: '/v1/messages', doctor: 'Claude Code', env: { CLAUDE_CODE_MAX_RETRIES: '0' } },
  codex: {
    client: codex,
    right: (gw) => `${gw}/v1`,
    resource: '/v1/responses',
    doctor: 'Codex',
    more: { settings: 'request_max_retries = 0\nstream_max_retries = 0\n' },
  },
  cline: { client: cline, right: (gw) => `${gw}/v1`, resource: chat, doctor: 'Cline', seenAs: 'AI SDK', begun: /iteration_start/ },
  continue: { client: cn, right: (gw) => `${gw}/v1`, resource: chat, doctor: 'Continue', seenAs: 'OpenAI SDK' },
  droid: { client: droid, right: (gw) => `${gw}/v1`, resource: chat, doctor: 'Droid', echoes: true, begun: /"role":"user"/ },
  // Run where a program is named; else what was seen of it stands.
  crush: { client: crush, right: (gw) => `${gw}/v1`, resource: chat, doctor: 'Crush', absent: !ownCrush },
  // Read from its source: backend/server/zed_test.go holds it.
  zed: { client: { name: 'Zed' }, right: (gw) => `${gw}/v1`, absent: true },
};

const present = Object.entries(clients).filter(([, spec]) => !spec.absent);

/** What Kilo Code's and opencode's servers tell their windows of a request that failed; they try again for minutes. */
const failed = /"type":"session\.error"|"type":"retry"/;

/** Loopback repeats what it is asked. */
const answer = 'pineapple';

const expectedFile = new URL('base_urls.json', import.meta.url);
const pageFile = new URL('../../../docs/clients/base-urls.md', import.meta.url);
const expected = JSON.parse(await readFile(expectedFile, 'utf8'));
const seen = {};

describe('base URLs', { concurrency: 2 }, () => {
  for (const [name, spec] of present) {
    describe(spec.client.name, { concurrency: 1 }, () => judge(name, spec));
  }
});

test('the page of base URLs says what was seen', async () => {
  if (process.env.E2E_UPDATE) {
    await writeFile(expectedFile, `${JSON.stringify({ ...expected, ...seen }, null, 2)}\n`);
    await writeFile(pageFile, page(clients, { ...expected, ...seen }));
    return;
  }
  for (const [name] of present) assert.deepEqual(seen[name], expected[name], name);
  assert.equal(await readFile(pageFile, 'utf8'), page(clients, expected), 'docs/clients/base-urls.md is not what was seen');
});

function judge(name, { client, right, resource, doctor, env = {}, more = {}, once, serves, echoes, seenAs = client.name, begun }) {
  let gateway, place, server, other;
  before(async () => {
    gateway = await Gateway.start();
    // On IPv4 alone, where "localhost" may mean an address at which nobody listens.
    await gateway.command(['config', 'set', 'proxy.host', '127.0.0.1']);
    other = await WrongPort.start();
    if (serves) server = await AIServer.start(client);
    else place = await newPlace(client, gateway);
    await once?.(place.dir);
    seen[name] = {};
  });
  after(async () => {
    other.stop();
    await server?.stop();
    await place?.remove();
    await gateway.stop();
  });

  // What never shows anything comes last: how long to wait for nothing, the other runs tell.
  let slowest = 0;
  const inOrder = Object.entries(mistakes).sort(([a], [b]) => noScheme(a) - noScheme(b));
  for (const [i, [mistake, spell]] of inOrder.entries()) {
    test(mistake, async (t) => {
      const cure = right(gateway.url);
      const typed = spell({ gw: gateway.url, right: cure, resource, otherPort: other.port });
      await gateway.rpc('ClearBaseURLProblems');
      const before = (await gateway.traffic()).length;
      const calls = other.calls;
      // No words reach a client that speaks https or another port: it is ended once it has tried. Any other is ended
      // once a person can read the answer or the cure, for some tidy up at length; else it has to end by itself.
      const secure = mistake.startsWith('https');
      const tried = secure
        ? async () => (await gateway.problems()).some(of(typed))
        : mistake === 'a wrong port'
          ? () => other.calls > calls
          : undefined;
      const silent = begun && noScheme(mistake) ? silence(begun, slowest) : () => false;
      const shown = (written) =>
        silent(written) ||
        names(written, cure) || (serves ? failed.test(written) : !echoes && written.includes(answer));
      const prompt = `Say the word ${answer}.`;
      const one = { ...more, model: 'some-model', base: typed, until: until(tried ?? shown) };
      const r = serves
        ? await server.run(prompt, { ...one, key: gateway.key, name: String(i) })
        : await place.run(prompt, { ...one, extraEnv: env });
      assert.equal(r.late, false, `no end after ${r.ms} ms\n${r.stdout.slice(-2000)}${r.stderr.slice(-2000)}`);
      slowest = Math.max(slowest, r.ms);
      const traffic = (await gateway.traffic()).slice(before);
      const problems = (await gateway.problems()).filter(of(typed));
      const outcome = await whatCame(r, { traffic, problems, cure, tried });
      t.diagnostic(`${r.ms} ms, ${typed}: ${outcome}${outcome === 'doctor' ? ` ${(r.stdout + r.stderr).slice(-300)}` : ''}`);
      seen[name][mistake] = outcome;

      // Wherever else it stands, `doctor URL` knows it too, and takes what works for no mistake.
      const report = await gateway.rpc('Doctor', { target: typed });
      const line = report.lines.find((l) => l.startsWith(`${doctor}: `)) ?? '';
      if (outcome === 'works') assert.match(line, /: works/, `a false alarm for ${typed}: ${JSON.stringify(report)}`);
      else assert.ok(report.base_url === cure || names(`${line} `, cure), `doctor ${typed}: ${JSON.stringify(report, null, 1)}`);
      if (outcome === 'doctor' || outcome === 'listed') {
        const said = await gateway.command(['doctor', typed]).catch((e) => e.message); // a mistake is exit code 1
        assert.ok(said.includes(`base URL to enter: ${cure}\n`) || names(said, cure), said);
      }
      if (!process.env.E2E_UPDATE) assert.equal(outcome, expected[name][mistake], `${r.stdout.slice(-3000)}${r.stderr.slice(-1000)}`);
    });
  }

  // What the page says of it beside the table.
  if (client === droid) {
    test('plain output', async () => {
      await gateway.rpc('ClearBaseURLProblems');
      const r = await place.run(`Say the word ${answer}.`, { model: 'some-model', base: `${gateway.url}/openai`, plain: true });
      assert.equal((r.stdout + r.stderr).trim(), 'Error during droid execution: Exec failed');
      assert.deepEqual(
        (await gateway.problems()).map((p) => p.use_base_url),
        [right(gateway.url)],
      );
    });
  }

  /** Which of the outcomes it is; it fails where the cure is in none of the places. */
  async function whatCame(r, { traffic, problems, cure, tried }) {
    const printed = r.stdout + r.stderr;
    const told = JSON.stringify(problems, null, 1) + printed.slice(-3000);
    if (!tried && (serves || echoes ? r.text : r.stdout).includes(answer)) {
      assert.ok(traffic.some((x) => x.status === 200), `whose answer is this? ${told}`);
      assert.deepEqual(problems, [], 'it works, and a problem is listed');
      return 'works';
    }
    assert.ok(tried || r.code !== 0, `it ended well without an answer: ${told}`);
    assert.deepEqual(traffic, [], `it failed after an answer: ${told}`);
    if (tried && problems.length === 0) return 'doctor';
    if (tried) {
      assert.ok(problems[0].code === 'tls_on_plain_port' && cure.startsWith(problems[0].use_base_url), told);
      return 'listed';
    }
    if (problems.length === 0) return 'doctor'; // nothing arrived
    for (const p of problems) {
      assert.equal(p.client, seenAs, told);
      assert.equal(p.use_base_url, cure, told);
    }
    return names(printed, cure) ? 'prints' : 'listed';
  }
}

/**
 * The problems that this base URL makes: a window that was left with another one may still be trying that. A handshake has no
 * path; what has no scheme reaches nobody.
 */
function of(typed) {
  const url = URL.parse(typed);
  return (p) => (url?.protocol === 'https:' ? p.method === 'TLS' : p.method !== 'TLS' && p.path.startsWith(url?.pathname ?? '/'));
}

function noScheme(mistake) {
  return mistake.startsWith('host:port');
}

/** It has begun, and there is nothing for longer than the whole of the slowest other run took, on this machine and now. */
function silence(begun, slowest) {
  let since;
  return (written) => begun.test(written) && Date.now() - (since ??= Date.now()) > Math.max(slowest, 1000);
}

async function onceGemini(dir) {
  await mkdir(join(dir, '.gemini'), { recursive: true });
  await writeFile(join(dir, '.gemini', 'settings.json'), JSON.stringify({ general: { maxAttempts: 1 } }));
}
