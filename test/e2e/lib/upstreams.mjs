// The tool loop over upstreams that are not Gemini: read a file, run a command, edit the file.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { judgeHeaders, judgeLog, judgeTraffic, judgeUsage, times, tokens } from './judgements.mjs';
import { kinds } from './kinds.mjs';
import { judgeEffect, loopCalls, newPlace, succeeded } from './place.mjs';
import { Fake, Gateway } from './world.mjs';

/** What the client says at the end. */
const lastWords = 'All three steps are done.';

export function overOthers(client) {
  const { anthropic, chat, responses } = kinds;
  for (const [kind, upstream] of Object.entries({ anthropic, chat, responses, ...client.alsoOver })) {
    describe(`over ${kind}`, () => loop(client, kind, upstream));
  }
}

function loop(client, kind, upstream) {
  let fake, gateway;
  before(async () => {
    fake = await Fake.start(kind);
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
      ...calls.map((call, i) => upstream.reply({ thought: `Step ${i}.`, calls: [{ id: `call_fake${i}`, ...call }] })),
      upstream.reply({ text: lastWords }),
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
    const asked = requests.filter((q) => q.model === upstream.main);
    assert.equal(mine.length, asked.length, 'the gateway recorded other requests than the upstream saw');
    const counted = times(upstream.usage, asked.length);
    if (!client.silentOnTokens) assert.deepEqual(r.usage, counted, 'the client reports other tokens than the upstream counted');
    assert.deepEqual(tokens(mine), counted, 'the gateway recorded other tokens than the upstream counted');
    judgeRequests(requests, upstream, calls, gateway.key);
    assert.deepEqual(await gateway.problems(), []);
    await judgeUsage(gateway, traffic);
    t.diagnostic(`${r.ms} ms, ${traffic.length} requests, tokens ${JSON.stringify(r.usage)}`);
  });

  test('the log holds no secret', () => judgeLog(gateway.log(), gateway.key, ...fake.secrets));
}

/** The upstream saw each call and its result once, in order, its own thoughts again, and nothing of the client. */
function judgeRequests(requests, upstream, calls, clientKey) {
  for (const q of requests) {
    judgeHeaders(q.header, q.path);
    assert.ok(!q.body.includes(clientKey), `${q.path}: the body holds the client's key`);
  }
  const last = requests.findLast((q) => q.model === upstream.main && upstream.steps(q.json).results === calls.length);
  assert.ok(last, 'no request holds the results of all calls');
  const { calls: made, seals } = upstream.steps(last.json);
  assert.deepEqual(made, calls.map((c) => c.name));
  if (upstream.seals) assert.equal(seals, calls.length, 'thoughts that came back sealed');
}
