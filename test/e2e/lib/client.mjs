// The same judgement for each coding client: one shot, a tool loop, a second turn, a wrong base URL.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { judgeLog, judgeTraffic, judgeUpstream, judgeUsage, times, tokens } from './judgements.mjs';
import { kinds } from './kinds.mjs';
import { judgeEffect, loopCalls, newPlace, succeeded } from './place.mjs';
import { overOthers } from './upstreams.mjs';
import { Fake, flash2, flash3, Gateway } from './world.mjs';

const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

export function judgeClient(client) {
  describe(client.name, () => {
    loopback(client);
    overFake(client);
    overOthers(client);
  });
}

function loopback(client) {
  test('loopback answers one shot', async (t) => {
    const gateway = await Gateway.start();
    t.after(() => gateway.stop());
    const place = await newPlace(client, gateway);
    t.after(place.remove);
    const r = await place.run('Say the word pineapple.', { model: 'some-model' });
    succeeded(r);
    assert.match(r.text, /Say the word pineapple/);
    const traffic = await gateway.traffic();
    judgeTraffic(traffic);
    assert.ok(
      traffic.every((x) => x.provider === 'loopback'),
      JSON.stringify(traffic),
    );
    assert.deepEqual(await gateway.problems(), []);
    t.diagnostic(`${r.ms} ms, ${traffic.length} requests`);
  });
}

function overFake(client) {
  let fake, gateway, place, session;
  const all = [];

  before(async () => {
    fake = await Fake.start();
    gateway = await Gateway.start({ fake, auth: true });
  });
  after(async () => {
    await place?.remove();
    await gateway?.stop();
    await fake?.stop();
  });

  /** Looks at what a run left behind; `seen` is the traffic before it. */
  async function judgeRun(t, r, seen, { main = flash3, earlier = [] } = {}) {
    const requests = await fake.requests();
    const traffic = (await gateway.traffic()).slice(seen);
    all.push(...traffic);
    succeeded(r);
    judgeUpstream(requests, gateway.key);
    judgeTraffic(traffic);
    assert.deepEqual(await gateway.problems(), []);
    assert.ok(
      traffic.every((x) => x.key_name === 'client'),
      JSON.stringify(traffic),
    );
    const mine = traffic.filter((x) => x.model === main);
    assert.ok(
      mine.every((x) => x.client === client.name && x.resolved_model === main),
      JSON.stringify(mine),
    );
    const recorded = client.silentOnTokens ? undefined : tokens([...earlier, ...mine]);
    assert.deepEqual(r.usage, recorded, 'the client reports other tokens than the gateway recorded');
    t.diagnostic(`${r.ms} ms, ${traffic.length} requests, tokens ${JSON.stringify(r.usage)}`);
    return requests.filter((q) => q.model === main && q.json?.contents);
  }

  async function fresh() {
    await fake.reset();
    return (await gateway.traffic()).length;
  }

  function secondTurn() {
    test('a second turn after a restart of the gateway keeps the calls and their signatures', async (t) => {
      await gateway.restart();
      const seen = await fresh();
      const r = await place.run('Say the word mango.', { model: flash3, resume: true });
      const [first] = await judgeRun(t, r, seen, { earlier: client.countsWholeSession ? session : [] });
      assert.match(r.text, /^You said: /);
      assert.ok(first.body.includes('Say the word mango.'), 'the prompt did not go upstream');
      judgeLoop(first, loopCalls(client, 'x', 'y'));
    });
  }

  for (const model of [flash2, flash3]) {
    test(`${model} answers one shot`, async (t) => {
      const seen = await fresh();
      const place = await newPlace(client, gateway);
      t.after(place.remove);
      const r = await place.run('Say the word pineapple.', {
        model,
        base: (client.otherBase ?? client.base)(gateway.url),
      });
      const [first] = await judgeRun(t, r, seen, { main: model });
      assert.match(r.text, /^You said: /);
      assert.ok(first.body.includes('Say the word pineapple.'), 'the prompt did not go upstream');
    });
  }

  test(`${flash2} writes a file`, async (t) => {
    const seen = await fresh();
    const place = await newPlace(client, gateway);
    t.after(place.remove);
    const r = await place.run('Please write the file hello.txt with the content: good morning', {
      model: flash2,
    });
    const requests = await judgeRun(t, r, seen, { main: flash2 });
    assert.equal(requests.length, 2);
    assert.match(r.text, /^Done\. The tool \S+ has answered\.$/);
    assert.match(await readFile(join(place.dir, 'hello.txt'), 'utf8'), /^good morning/);
  });

  test(`${flash3} reads a file, runs a command and edits the file`, async (t) => {
    const seen = await fresh();
    place = await newPlace(client, gateway);
    const file = join(place.dir, 'notes.txt');
    await writeFile(file, 'alpha\nbeta\n');
    const calls = loopCalls(client, file, place.dir);
    const { reply, usage } = kinds.gemini;
    await fake.script(
      ...calls.map((call) => reply({ thought: 'One step at a time.', calls: [call] })),
      reply({ text: 'Done. The tool loop has answered.' }),
    );
    const r = await place.run('Replace beta by gamma in notes.txt.', { model: flash3 });
    const requests = await judgeRun(t, r, seen);
    await judgeEffect(file, place.dir);
    assert.match(r.text, /^Done\. The tool \S+ has answered\.$/);
    assert.equal(requests.length, calls.length + 1);
    judgeLoop(requests.at(-1), calls);
    // What it asks behind its last words is answered with other tokens.
    if (!client.sideTasks && !client.silentOnTokens) assert.deepEqual(r.usage, times(usage, requests.length), 'tokens');
    session = (await gateway.traffic()).slice(seen);
  });

  if (client.resumes !== false) secondTurn();

  if (client.look) {
    for (const model of [flash2, flash3]) image(model);
  }

  /** An image in a tool's result: Gemini 3 takes it inside the function response, older ones beside it. */
  function image(model) {
    test(`${model} looks at an image`, async (t) => {
      const seen = await fresh();
      const place = await newPlace(client, gateway);
      t.after(place.remove);
      const file = join(place.dir, 'pixel.png');
      await writeFile(file, Buffer.from(pixel, 'base64'));
      await fake.script({ model, reply: { parts: [{ call: client.look(file) }] } });
      const r = await place.run('Look at pixel.png.', { model });
      const last = (await judgeRun(t, r, seen, { main: model })).at(-1).json.contents.at(-1).parts;
      const result = last.find((p) => p.functionResponse).functionResponse;
      const shown = (model === flash3 ? (result.parts ?? []) : last).find((p) => p.inlineData);
      assert.deepEqual(
        shown?.inlineData,
        { mimeType: 'image/png', data: pixel },
        JSON.stringify(last).slice(0, 2000),
      );
    });
  }

  test('a stream that breaks off is recorded as such, and asked for again', async (t) => {
    const seen = await fresh();
    const place = await newPlace(client, gateway);
    t.after(place.remove);
    const parts = [{ text: 'one two three four five six seven eight' }];
    await fake.script({ model: flash3, reply: { parts, pieces: 8 }, fault: 'cut_clean', after: 3 });
    const r = await place.run('Say the word pineapple.', { model: flash3 });
    const traffic = (await gateway.traffic()).slice(seen);
    all.push(...traffic);
    succeeded(r);
    judgeUpstream(await fake.requests(), gateway.key);
    const [first, ...again] = traffic.filter((x) => x.model === flash3);
    assert.ok(first.error_code, JSON.stringify(first));
    t.diagnostic(`${r.ms} ms, ${first.error_code}, asked for again: ${again.length}`);
    if (client.missesStreamErrors) {
      assert.equal(again.length, 0);
      return;
    }
    assert.match(r.text, /You said: /);
    assert.equal(again.length, 1 + (client.sideTasks ?? 0), JSON.stringify(again));
    assert.ok(
      again.every((x) => x.error_code === ''),
      JSON.stringify(again),
    );
  });

  client.more?.({ fake: () => fake, gateway: () => gateway, newPlace: () => newPlace(client, gateway), fresh, judgeRun });

  test('usage --json adds up', async () => {
    await judgeUsage(gateway, all);
  });

  test('a wrong base URL teaches', async (t) => {
    const seen = await fresh();
    const place = await newPlace(client, gateway);
    t.after(place.remove);
    const { base, code, cure } = client.wrong;
    const r = await place.run('Say the word pineapple.', { model: flash3, base: base(gateway.url) });
    assert.equal(r.late, false, r.stdout);
    assert.notEqual(r.code, 0, r.stdout);
    const printed = r.stdout + r.stderr;
    assert.ok(printed.includes(`enter ${cure(gateway.url)} `), printed);
    const problems = await gateway.problems();
    assert.equal(problems.length, 1, JSON.stringify(problems));
    assert.equal(problems[0].code, code);
    assert.equal(problems[0].client, client.name);
    assert.equal(problems[0].use_base_url, cure(gateway.url));
    assert.equal((await gateway.traffic()).length, seen);
    assert.equal((await fake.generates()).length, 0);
    t.diagnostic(`${r.ms} ms`);
  });

  test('the log holds no secret', () => judgeLog(gateway.log(), gateway.key));
}

/** The last request holds each call with the signature that it came with, and its result. */
function judgeLoop(request, calls) {
  const parts = request.json.contents.flatMap((c) => c.parts.map((p) => ({ role: c.role, ...p })));
  const made = parts.filter((p) => p.functionCall);
  assert.deepEqual(
    made.map((p) => p.functionCall.name),
    calls.map((c) => c.name),
  );
  for (const p of made) {
    assert.equal(p.role, 'model');
    // The fake knows its own signatures and refuses others; the placeholder would pass as well.
    assert.ok(
      p.thoughtSignature && p.thoughtSignature !== 'skip_thought_signature_validator',
      `signature of ${p.functionCall.name}: ${p.thoughtSignature}`,
    );
  }
  assert.deepEqual(
    parts.filter((p) => p.functionResponse).map((p) => p.functionResponse.name),
    calls.map((c) => c.name),
  );
}
