// A fake upstream, a gateway in front of it, and empty homes: what each judge needs.
import { randomInt } from 'node:crypto';
import { mkdtemp, mkdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstLine, run, start } from './process.mjs';

/** The client's key: nothing upstream may ever see it. */
export const clientKey = 'sk-agt-fake-client-key';
export const upstreamKey = 'AIza-fake-one-0123456789';
export const flash2 = 'gemini-2.5-flash';
export const flash3 = 'gemini-3-flash-preview';
/** Takes the clients' side tasks (titles and the like), so that they can be told apart. */
export const small = 'gemini-2.5-flash-lite';

const binary = need('AGT_BINARY');
const fakes = need('AGT_FAKES');

function need(name) {
  if (!process.env[name]) throw new Error(`${name} is not set: start the judges with run.sh`);
  return process.env[name];
}

/** A bare environment with an empty home: no proxy, no desktop bus, no stray settings. */
export function bareEnv(home, more = {}) {
  return {
    HOME: home,
    PATH: process.env.PATH,
    TMPDIR: join(home, 'tmp'),
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    NO_COLOR: '1',
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(home, 'no-bus')}`,
    ...more,
  };
}

/** A new directory under the temporary one. */
export async function scratch(name) {
  const dir = await mkdtemp(join(tmpdir(), `${name}-`));
  await mkdir(join(dir, 'tmp'));
  return dir;
}

/**
 * What each fake upstream is started with, and how its account is added:
 * key        the account's secret; where none stands here the fake makes it
 * account    more flags of `account add`
 * settings   of the gateway, by the fake's URL
 * secrets    what beside the key may stand in no log
 */
const vertex = {
  program: 'fakevertex',
  provider: 'vertex',
  account: ['--location', 'us-east5'],
  secrets: ['PRIVATE KEY', 'ya29.fake', 'project-7f3a'],
};
const oauthSecret = 'GOCSPX-fake-0123456789';
const kinds = {
  gemini: { key: upstreamKey, program: 'fakegemini', provider: 'gemini' },
  anthropic: { key: 'sk-ant-fake-0123456789', program: 'fakeanthropic', provider: 'anthropic' },
  chat: { key: 'sk-fake-0123456789', program: 'fakeopenai', flags: ['--chat-only'], provider: 'openai' },
  responses: {
    key: 'sk-fake-0123456789',
    program: 'fakeopenai',
    provider: 'openai',
    account: ['--api', 'responses'],
  },
  vertexGemini: vertex,
  vertexClaude: { ...vertex, flags: ['--claude'] },
  codeAssist: {
    key: '1//fake-ada-0123456789',
    program: 'fakecodeassist',
    provider: 'google',
    settings: (url) => ({
      'google.oauth_client_id': 'own-client.apps.example',
      'google.oauth_client_secret': oauthSecret,
      'google.token_url': `${url}/token`,
    }),
    secrets: [oauthSecret, 'ya29.fake', 'managed-ada-7f3a'],
  },
};

/** A strict fake upstream: it answers what it is told to, then `Hello.`, or what the brain of the Gemini one thinks. */
export class Fake {
  /** @param {keyof typeof kinds} kind */
  static async start(kind = 'gemini') {
    const f = new Fake();
    const { key, program, flags = [], provider, account = [], settings = () => ({}), secrets = [] } = kinds[kind];
    f.process = start(join(fakes, program), flags, { env: bareEnv('/nonexistent', key ? { FAKE_KEY: key } : {}) });
    [f.url, f.controlURL] = (await firstLine(f.process)).split(' ');
    f.upstreamKey = key ?? (await (await fetch(`${f.controlURL}/__key`)).text());
    Object.assign(f, { kind, provider, account, settings: settings(f.url), secrets: [f.upstreamKey, ...secrets] });
    return f;
  }

  /** What the next requests get; what is left of an earlier script is forgotten. */
  async script(...replies) {
    await this.#post('/__script', replies);
  }

  /** Forgets the script and all that was asked. */
  async reset() {
    await this.#post('/__reset', []);
  }

  async #post(path, body) {
    const res = await fetch(this.controlURL + path, { method: 'POST', body: JSON.stringify(body) });
    if (!res.ok) throw new Error(`${path}: ${res.status} ${await res.text()}`);
  }

  /** All that was asked, with bodies of JSON decoded as `json`, and what the fake itself refused. */
  async seen() {
    const { requests, refused } = await (await fetch(`${this.controlURL}/__requests`)).json();
    for (const r of requests ?? []) {
      const form = r.header['Content-Type']?.[0] === 'application/x-www-form-urlencoded'; // for a token
      r.json = r.body && !form ? JSON.parse(r.body) : undefined;
      r.model ||= r.json?.model;
    }
    return { requests: requests ?? [], refused: refused ?? [] };
  }

  async requests() {
    return (await this.seen()).requests;
  }

  /** The requests to a Gemini fake that ask for an answer. */
  async generates() {
    return (await this.requests()).filter((r) => /generateContent$/i.test(r.op ?? ''));
  }

  stop() {
    return this.process.stop('SIGTERM', 3000);
  }
}

export class Gateway {
  /**
   * Starts a gateway: over a fake when one is given, else with --demo and no account.
   * With `auth` it asks for a key, and `key` is one that it knows; without, `key` is one that it does not know.
   */
  static async start({ fake, auth = false } = {}) {
    const g = new Gateway();
    g.fake = fake;
    g.home = await scratch('gateway');
    g.env = bareEnv(g.home, { ANTIGRAVITY_KEYRING: 'off' });
    for (const [name, value] of Object.entries(fake?.settings ?? {})) await g.command(['config', 'set', name, value]);
    if (fake) {
      await g.command(
        [
          'account',
          'add',
          '--provider',
          fake.provider,
          '--name',
          'first',
          '--base-url',
          fake.url,
          ...fake.account,
          '--api-key-stdin',
        ],
        `${fake.upstreamKey}\n`,
      );
    }
    g.key = clientKey;
    if (auth) {
      await g.command(['config', 'set', 'proxy.auth_mode', 'all_except_health']);
      g.key = (await g.command(['key', 'create', '--name', 'client'])).match(/^sk-agt-\S+$/m)[0];
    }
    await g.#serve();
    return g;
  }

  async #serve() {
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    const flags = [
      '--data-dir',
      join(this.home, 'data'),
      '--log-level',
      'debug',
      ...(this.fake ? [] : ['--demo']),
    ];
    this.process = start(binary, [...flags, 'serve', '--port', String(port)], { env: this.env });
    await this.#healthy();
    this.token = JSON.parse(await readFile(join(this.home, 'data', 'run.json'), 'utf8')).token;
  }

  /** Stops the program and starts it again, on another port. */
  async restart() {
    this.earlier = await this.#end();
    await this.#serve();
  }

  async #end() {
    const { code } = await this.process.stop();
    const log = this.log();
    if (code !== 0) throw new Error(`after SIGTERM: exit code ${code}\n${log.slice(-3000)}`);
    return log;
  }

  async #healthy() {
    const deadline = Date.now() + 20_000;
    for (;;) {
      try {
        if ((await fetch(`${this.url}/healthz`)).ok) return;
      } catch {
        // It does not listen yet.
      }
      if (Date.now() > deadline || this.process.child.exitCode !== null) {
        throw new Error(`no gateway: ${this.process.stderr()}`);
      }
      await new Promise((r) => setTimeout(r, 50));
    }
  }

  /** A command of the program on this data directory. */
  async command(args, input = '') {
    const r = await run(binary, ['--data-dir', join(this.home, 'data'), ...args], {
      env: this.env,
      input,
      timeoutMS: 30_000,
    });
    if (r.code !== 0) throw new Error(`${args.join(' ')}: ${r.code}\n${r.stdout}${r.stderr}`);
    return r.stdout;
  }

  async rpc(verb, ...args) {
    const res = await fetch(`${this.url}/api/rpc/${verb}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(args),
    });
    if (!res.ok) throw new Error(`${verb}: ${res.status} ${await res.text()}`);
    return res.json();
  }

  /** The exchanges so far, oldest first; those that a client has just left are waited for. */
  async traffic() {
    for (const deadline = Date.now() + 5000; ;) {
      const { exchanges = [] } = await this.rpc('RecentTraffic', { limit: 500 });
      if (exchanges.every((x) => x.state === 'done') || Date.now() > deadline) return exchanges.reverse();
      await new Promise((r) => setTimeout(r, 50));
    }
  }

  async problems() {
    return (await this.rpc('BaseURLProblems')) ?? [];
  }

  async usage() {
    return JSON.parse(await this.command(['usage', '--json']));
  }

  /** All that the program wrote. */
  log() {
    return (this.earlier ?? '') + this.process.stderr() + this.process.stdout();
  }

  /** Ends the program, which must succeed, and removes its home. */
  async stop() {
    try {
      return await this.#end();
    } finally {
      await rm(this.home, { recursive: true, force: true });
    }
  }
}

/**
 * A port below those that the system gives to listeners on port 0 and to outgoing connections: one
 * of its own could become a connection's before the program has taken it (test/freeport says more).
 */
async function freePort() {
  for (let tries = 0; tries < 50; tries++) {
    const port = randomInt(20000, 32000);
    if (await isFree(port)) return port;
  }
  throw new Error('no free port between 20000 and 32000');
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
