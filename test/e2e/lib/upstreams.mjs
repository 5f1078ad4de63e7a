// The tool loop over upstreams that are not Gemini: read a file, run a command, edit the file.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { judgeHeaders, judgeLog, judgeTraffic, tokens } from './judgements.mjs';
import { judgeEffect, loopCalls, newPlace, succeeded } from './place.mjs';
import { Fake, Gateway } from './world.mjs';

/** What the client says at the end. */
const lastWords = 'All three steps are done.';

const upstreams = [
  {
    kind: 'anthropic',
    main: 'claude-opus-5',
    small: 'claude-sonnet-4-5',
    // The fake signs its thoughts and refuses altered ones.
    call: ({ name, args }, i) => ({
      Thought: `Step ${i}.`,
      Calls: [{ ID: `toolu_fake${i}`, Name: name, Input: JSON.stringify(args) }],
    }),
    steps: (body) => {
      const blocks = body.messages.flatMap((m) => (Array.isArray(m.content) ? m.content : []));
      return {
        thoughts: blocks.filter((b) => b.type === 'thinking').map((b) => b.thinking),
        calls: blocks.filter((b) => b.type === 'tool_use').map((b) => b.name),
        results: blocks.filter((b) => b.type === 'tool_result').length,
      };
    },
    thinks: true,
  },
  {
    kind: 'chat',
    main: 'compatible-large',
    small: 'compatible-small',
    call: ({ name, args }, i) => ({
      Calls: [{ ID: `call_fake${i}`, Name: name, Args: JSON.stringify(args) }],
    }),
    steps: (body) => ({
      calls: body.messages.flatMap((m) => m.tool_calls ?? []).map((c) => c.function.name),
      results: body.messages.filter((m) => m.role === 'tool').length,
    }),
  },
];

export function overOthers(client) {
  for (const upstream of upstreams) describe(`over ${upstream.kind}`, () => loop(client, upstream));
}

function loop(client, upstream) {
  let fake, gateway;
  before(async () => {
    fake = await Fake.start(upstream.kind);
    gateway = await Gateway.start({ fake, auth: true });
  });
  after(async () => {
    await gateway?.stop();
    await fake?.stop();
  });

  test(`${upstream.main} reads a file, runs a command and edits the file`, async (t) => {
    const place = await newPlace(client, gateway, upstream.small);
    t.after(place.remove);
    const file = join(place.dir, 'notes.txt');
    await writeFile(file, 'alpha\nbeta\n');
    const calls = loopCalls(client, file, place.dir);
    await fake.script(
      ...calls.map((call, i) => ({ For: upstream.main, ...upstream.call(call, i) })),
      { For: upstream.main, Text: lastWords },
    );
    const r = await place.run('Replace beta by gamma in notes.txt.', { model: upstream.main });
    const traffic = await gateway.traffic();
    const { requests, refused } = await fake.seen();
    assert.deepEqual(refused, []);
    succeeded(r);
    await judgeEffect(file, place.dir);
    assert.match(r.text, new RegExp(client.sideTasks ? `${lastWords}|^Hello\\.$` : lastWords));
    judgeTraffic(traffic, upstream.small);
    const mine = traffic.filter((x) => x.model === upstream.main);
    assert.ok(
      mine.every((x) => x.client === client.name && x.provider === fake.provider),
      JSON.stringify(mine),
    );
    assert.deepEqual(r.usage, tokens(mine), 'the client reports other tokens than the gateway recorded');
    judgeRequests(requests, upstream, calls, gateway.key);
    assert.deepEqual(await gateway.problems(), []);
    t.diagnostic(`${r.ms} ms, ${traffic.length} requests, tokens ${JSON.stringify(r.usage)}`);
  });

  test('the log holds no secret', () => judgeLog(gateway.log(), gateway.key, fake.upstreamKey));
}

/** The upstream saw each call and its result once, in order, and nothing of the client. */
function judgeRequests(requests, upstream, calls, clientKey) {
  for (const q of requests) {
    judgeHeaders(q.header, q.path);
    assert.ok(!JSON.stringify(q.json).includes(clientKey), `${q.path}: the body holds the client's key`);
  }
  const last = requests.map((q) => q.json).findLast((b) => b.model === upstream.main && upstream.steps(b).results === calls.length);
  assert.ok(last, 'no request holds the results of all calls');
  const { calls: made, thoughts } = upstream.steps(last);
  assert.deepEqual(made, calls.map((c) => c.name));
  if (upstream.thinks) assert.deepEqual(thoughts, calls.map((_, i) => `Step ${i}.`));
}
