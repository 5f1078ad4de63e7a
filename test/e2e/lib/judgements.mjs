// What holds after every judge, whatever the client: on the wire, in the records and in the log.
import assert from 'node:assert/strict';
import { small, upstreamKey } from './world.mjs';

/** Stands in every prompt; it must never be seen in a log. */
export const mark = 'PROMPTMARK7f3a';

const headersUp = new Set([
  'Accept',
  'Accept-Encoding',
  'Content-Length',
  'Content-Type',
  'User-Agent',
  // Each vendor's own.
  'X-Goog-Api-Key',
  'Authorization',
  'X-Api-Key',
  'Anthropic-Version',
  'Anthropic-Beta',
  'Openai-Beta',
  'X-Goog-User-Project',
]);

/** No header of a client goes upstream. */
export function judgeHeaders(header, where) {
  for (const [name, values] of Object.entries(header)) {
    assert.ok(headersUp.has(name), `${where} carries ${name}: ${values}`);
    assert.doesNotMatch(values.join(' '), /sk-agt-/, `${where}: ${name} holds the client's key`);
  }
  assert.match(header['User-Agent']?.[0] ?? '', /^antigravity-tools\//, where);
}

/** No header of a client goes upstream, no refusal comes back. */
export function judgeUpstream(requests, clientKey) {
  for (const r of requests) {
    const where = `${r.method} ${r.path}`;
    assert.ok(!r.rule, `the upstream refused ${where} (${r.rule}): ${r.error}\n${outline(r.json)}`);
    assert.equal(r.key, upstreamKey, where);
    judgeHeaders(r.header, where);
    assert.doesNotMatch(r.query ?? '', /key=/, where);
    assert.ok(!r.body.includes(clientKey), `${where}: the body holds the client's key`);
  }
}

/** The answers were all right; a title that a client no longer waited for is no fault. */
export function judgeTraffic(exchanges, side = small) {
  assert.notEqual(exchanges.length, 0, 'no request reached the gateway');
  for (const x of exchanges) {
    if (x.model === side && x.status === 499) continue;
    assert.equal(x.status, 200, `${x.method} ${x.path} ${x.model}: ${x.status} ${x.error_code} ${x.error}`);
    assert.ok(x.input_tokens > 0 && x.output_tokens > 0, `no tokens for ${x.path}: ${JSON.stringify(x)}`);
  }
}

/** Tokens of exchanges in the form of the clients' reports. */
export function tokens(exchanges) {
  const total = { input: 0, cached: 0, output: 0 };
  for (const x of exchanges) {
    total.input += x.input_tokens - x.cached_tokens;
    total.cached += x.cached_tokens;
    total.output += x.output_tokens;
  }
  return total;
}

/** Tokens of n answers alike. */
export const times = (one, n) => Object.fromEntries(Object.entries(one).map(([k, v]) => [k, v * n]));

/** `usage --json` says what the exchanges say; its rows may come a second later. */
export async function judgeUsage(gateway, exchanges) {
  const deadline = Date.now() + 10_000;
  let totals;
  do {
    await new Promise((r) => setTimeout(r, 200));
    ({ totals } = await gateway.usage());
  } while (totals.requests < exchanges.length && Date.now() < deadline);
  const sum = (f) => exchanges.reduce((n, x) => n + f(x), 0);
  assert.deepEqual(
    {
      requests: totals.requests,
      input: totals.input_tokens,
      cached: totals.cached_tokens,
      output: totals.output_tokens,
      reasoning: totals.reasoning_tokens,
    },
    {
      requests: exchanges.length,
      input: sum((x) => x.input_tokens),
      cached: sum((x) => x.cached_tokens),
      output: sum((x) => x.output_tokens),
      reasoning: sum((x) => x.reasoning_tokens),
    },
    'usage --json differs from the traffic list',
  );
}

/** No secret and no prompt stands in the log, and it tells of no crash. */
export function judgeLog(log, ...secrets) {
  for (const secret of [...secrets, upstreamKey, mark]) {
    const at = log.indexOf(secret);
    assert.ok(at < 0, `the log holds ${secret}: ${log.slice(Math.max(0, at - 200), at + 100)}`);
  }
  assert.doesNotMatch(log, /panic|DATA RACE/);
}

/** The calls and results of a request: enough to see what was refused. */
function outline(body) {
  const steps = (body?.contents ?? []).filter((c) =>
    c.parts?.some((p) => p.functionCall || p.functionResponse),
  );
  return JSON.stringify({ ...body, contents: steps, systemInstruction: undefined, tools: undefined }).slice(
    0,
    3000,
  );
}
