// Every base URL that people type by mistake, into every client: what the client does with it, and where the cure stands.
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** What issue trackers show people type. `gw` is the gateway, `right` what the client wants, `resource` what it asks for. */
export const mistakes = {
  'host:port, no scheme': ({ gw }) => new URL(gw).host,
  'the address alone': ({ gw }) => gw,
  '/': ({ gw }) => `${gw}/`,
  '/v1': ({ gw }) => `${gw}/v1`,
  '/v1/': ({ gw }) => `${gw}/v1/`,
  '/v1beta': ({ gw }) => `${gw}/v1beta`,
  '/v1/v1': ({ gw }) => `${gw}/v1/v1`,
  '/openai': ({ gw }) => `${gw}/openai`,
  '/openai/v1': ({ gw }) => `${gw}/openai/v1`,
  '/api': ({ gw }) => `${gw}/api`,
  'a full resource path': ({ gw, resource }) => gw + resource,
  'upper case': ({ gw }) => `${gw.toUpperCase()}/V1`,
  'trailing spaces': ({ right }) => `${right}  `,
  'https on the http port': ({ right }) => right.replace('http:', 'https:'),
  'a wrong port': ({ gw, right, otherPort }) => right.replace(new URL(gw).port, String(otherPort)),
  localhost: ({ right }) => right.replace('127.0.0.1', 'localhost'),
  '0.0.0.0': ({ right }) => right.replace('127.0.0.1', '0.0.0.0'),
};

/** What can come of it, as it stands in the page. */
export const outcomes = {
  works: 'works',
  prints: 'its error tells',
  listed: 'in the window',
  doctor: '`doctor URL`',
};

/** A program that holds another port and hangs up on whoever comes. */
export class WrongPort {
  calls = 0;

  static async start() {
    const w = new WrongPort();
    w.server = createServer((socket) => {
      w.calls++;
      socket.on('error', () => {});
      socket.destroy();
    });
    await new Promise((resolve) => w.server.listen(0, '127.0.0.1', resolve));
    w.port = w.server.address().port;
    return w;
  }

  stop() {
    this.server.close();
  }
}

/** Waits until something holds of what a program wrote, or until it is over. */
export const until = (holds) => async (over, written) => {
  while (!over() && !(await holds(written()))) await wait(100);
};

/** The text names a base URL to enter, and not a longer one that begins with it. */
export function names(text, base) {
  const literal = base.replace(/[.\\/]/g, '\\$&');
  return new RegExp(`[Ee]nter ${literal}(?=[\\s,;)"\\\\]|\\.(\\s|$|"|\\\\))`).test(text);
}

/** The page: which client shows what. */
export function page(clients, expected) {
  const titles = Object.values(clients).map((c) => c.client.name);
  const rows = Object.keys(mistakes).map(
    (m) => `| ${m.startsWith('/') ? `\`${m}\`` : m} | ${Object.keys(clients).map((c) => outcomes[expected[c][m]]).join(' | ')} |`,
  );
  const right = Object.values(clients).map((c) => `\`${c.right('http://127.0.0.1:8045')}\``);
  return `# What a wrong base URL leads to

Each cell but those of the last two columns was tried with the real client (\`test/e2e/clients/base_urls.test.mjs\`, which holds this
page to what it sees). The client works; or its error tells which base URL to enter; or, where no words can reach it or nothing arrives, the window's
"Base URL problems" or \`antigravity-tools doctor URL\` does. Kilo Code speaks Gemini here; OpenCode, Qwen Code, Cline, Continue
and Droid speak Chat Completions. Droid's error is that of \`droid exec -o stream-json\`; its own window shows the same words, while
plain \`droid exec\` says \`Exec failed\` whatever it gets: there the window's list and \`antigravity-tools doctor\` tell.
Cline takes no base URL without a scheme: it drops its settings file without a word and
asks its maker's service instead.

Two columns are not held by a run of every change. Crush: its package downloads the program when it is installed, so the cells were
tried by hand, with the program built from its source of August 2026 (\`AGT_CRUSH=… test/e2e/run.sh clients/base_urls.test.mjs\`). Zed is
an editor that cannot be started there: its cells are **read from Zed's source, not run** (\`backend/server/zed_test.go\` says where).

| Entered | ${titles.join(' | ')} |
|${'---|'.repeat(titles.length + 1)}
| **right** | ${right.join(' | ')} |
${rows.join('\n')}

Written anew by \`E2E_UPDATE=1 test/e2e/run.sh clients/base_urls.test.mjs\`.
`;
}
