// The operations beside conversation, asked for through the vendors' own SDKs, over all kinds of upstream at once.
// Not here: Google's generateImages, which the SDK itself refuses outside of Vertex AI.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI, { toFile } from 'openai';
import { judgeLog, mark } from '../lib/judgements.mjs';
import { errorStep, say, textStep } from '../lib/sdk.mjs';
import { clientKey, Fake, flash2, flash3, Gateway } from '../lib/world.mjs';

const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const pcm = Buffer.from([1, 0, 2, 0, 3, 0]);

// Of each pair the first is OpenAI's own, the second Google's, asked in conversation.
const embedders = ['text-embedding-3-small', 'gemini-embedding-001'];
const painters = ['gpt-image-1', 'gemini-2.5-flash-image'];
const listeners = ['gpt-4o-transcribe', flash2];
const speakers = ['gpt-4o-mini-tts', 'gemini-2.5-flash-preview-tts'];
const claude = 'claude-opus-5';

const drawn = { reply: { parts: [{ inline: { mime: 'image/png', data: pixel } }] } };
const spoken = {
  reply: { parts: [{ inline: { mime: 'audio/L16;codec=pcm;rate=24000', data: pcm.toString('base64') } }] },
};
const png = (name) => toFile(Buffer.from(pixel, 'base64'), name, { type: 'image/png' });
const sound = () => toFile(Buffer.from('RIFF....WAVE'), 'a.wav', { type: 'audio/wav' });

/** One gateway before a Gemini, an OpenAI and an Anthropic fake. */
function operationsWorld() {
  const world = {};
  before(async () => {
    [world.gemini, world.chat, world.claude] = await Promise.all(['gemini', 'chat', 'anthropic'].map((kind) => Fake.start(kind)));
    world.gateway = await Gateway.start({ fake: world.gemini });
    for (const fake of [world.chat, world.claude]) {
      const where = ['--provider', fake.provider, '--name', fake.kind, '--base-url', fake.url];
      await world.gateway.command(['account', 'add', ...where, '--api-key-stdin', '--test'], `${fake.upstreamKey}\n`);
    }
  });
  // The accounts' lists are fetched behind their being added.
  before(async () => {
    const wanted = [flash2, claude, 'text-embedding-3-small'];
    for (const deadline = Date.now() + 20_000; ; ) {
      const { data } = await (await fetch(`${world.gateway.url}/v1/models`)).json();
      if (wanted.every((id) => data.some((m) => m.id === id))) return;
      if (Date.now() > deadline) throw new Error(`not listed: ${JSON.stringify(data)}`);
      await new Promise((r) => setTimeout(r, 50));
    }
  });
  afterEach(async () => {
    const all = await world.gemini.requests();
    await world.gemini.reset();
    for (const r of all) assert.ok(!r.rule, `the upstream refused ${r.path} (${r.rule}): ${r.error}`);
  });
  after(async () => {
    try {
      judgeLog(await world.gateway.stop(), world.gateway.key, world.chat.upstreamKey, world.claude.upstreamKey);
    } finally {
      await Promise.all([world.gemini, world.chat, world.claude].map((f) => f?.stop()));
    }
  });
  return world;
}

describe('openai SDK, operations', () => {
  const world = operationsWorld();
  const client = () =>
    new OpenAI({ baseURL: `${world.gateway.url}/v1`, apiKey: clientKey, maxRetries: 0, timeout: 30_000 });

  /** The record of the last request. */
  const last = async () => (await world.gateway.traffic()).at(-1);

  test('models of all accounts, each once', async () => {
    const ids = [];
    for await (const m of client().models.list()) ids.push(m.id);
    for (const id of [...embedders, ...painters, ...speakers, flash2, claude]) {
      assert.equal(ids.filter((x) => x === id).length, 1, `${id} in ${ids}`);
    }
    assert.deepEqual(await client().models.retrieve(claude), {
      id: claude,
      object: 'model',
      created: Date.parse('2026-01-02T00:00:00Z') / 1000,
      owned_by: 'anthropic',
    });
  });

  for (const model of embedders) {
    test(`embeddings, ${model}`, async () => {
      // Without encoding_format the SDK asks for base64 and decodes it.
      const r = await client().embeddings.create({ model, input: [say('one'), 'two', 'three'], dimensions: 5 });
      assert.deepEqual(
        r.data.map((d) => d.embedding),
        [0, 1, 2].map((i) => [0.25, -0.5, i, 0, 0]),
      );
      assert.ok(r.usage.prompt_tokens > 0 && r.usage.total_tokens === r.usage.prompt_tokens);
      const float = await client().embeddings.create({ model, input: say('one'), encoding_format: 'float' });
      assert.deepEqual(float.data[0].embedding.slice(0, 3), [0.25, -0.5, 0]);
      const x = await last();
      assert.equal(x.input_tokens, float.usage.prompt_tokens);
      assert.equal(x.output_tokens, 0);
    });
  }

  for (const model of painters) {
    test(`images, ${model}`, async () => {
      await world.gemini.script(drawn, drawn);
      const r = await client().images.generate({ model, prompt: say('a cat'), n: 2, size: '1024x1536' });
      assert.deepEqual(
        r.data.map((d) => d.b64_json),
        [pixel, pixel],
      );
      assert.equal(r.usage.total_tokens, r.usage.input_tokens + r.usage.output_tokens);
      const x = await last();
      assert.deepEqual([x.input_tokens, x.output_tokens], [r.usage.input_tokens, r.usage.output_tokens]);
    });

    test(`images.edit, ${model}`, async () => {
      await world.gemini.script(drawn);
      const image = [await png('a.png'), await png('b.png')];
      const r = await client().images.edit({ model, prompt: say('bluer'), image });
      assert.equal(r.data[0].b64_json, pixel);
    });

    test(`images streamed, ${model}`, async () => {
      await world.gemini.script(drawn);
      const events = [];
      for await (const e of await client().images.generate({ model, prompt: say('a cat'), stream: true })) events.push(e);
      assert.deepEqual(
        events.map((e) => [e.type, e.b64_json]),
        [['image_generation.completed', pixel]],
      );
    });
  }

  test('images.edit with a mask: passed to a model that takes one, refused by name for one that does not', async () => {
    const ask = async (model) =>
      client().images.edit({ model, prompt: say('bluer'), image: await png('a.png'), mask: await png('m.png') });
    assert.equal((await ask(painters[0])).data[0].b64_json, pixel);
    await assert.rejects(
      ask(painters[1]),
      (e) => e instanceof OpenAI.BadRequestError && e.param === 'mask' && e.code === 'image.mask',
    );
  });

  for (const model of listeners) {
    test(`transcriptions, ${model}`, async () => {
      await world.gemini.script(textStep('Good morning to you.'), textStep('Good morning to you.'));
      const r = await client().audio.transcriptions.create({ model, file: await sound(), language: 'en' });
      assert.equal(r.text, 'Good morning to you.');
      assert.equal(r.usage.total_tokens, r.usage.input_tokens + r.usage.output_tokens);
      const x = await last();
      assert.deepEqual([x.input_tokens, x.output_tokens], [r.usage.input_tokens, r.usage.output_tokens]);
      let text = '';
      let done;
      const stream = await client().audio.transcriptions.create({ model, file: await sound(), stream: true });
      for await (const e of stream) {
        if (e.type === 'transcript.text.delta') text += e.delta;
        if (e.type === 'transcript.text.done') done = e;
      }
      assert.equal(text, 'Good morning to you.');
      assert.equal(done.text, text);
      assert.equal((await last()).output_tokens, done.usage.output_tokens);
    });
  }

  test('a transcription that is counted in seconds has no tokens in the record', async () => {
    const r = await client().audio.transcriptions.create({
      model: 'whisper-1',
      file: await sound(),
      response_format: 'verbose_json',
    });
    assert.deepEqual(r.usage, { type: 'duration', seconds: 2 });
    const x = await last();
    assert.deepEqual([x.status, x.input_tokens, x.output_tokens], [200, 0, 0]);
  });

  for (const model of speakers) {
    test(`speech, ${model}`, async () => {
      await world.gemini.script(spoken);
      const r = await client().audio.speech.create({ model, voice: 'alloy', input: say('Good morning'), response_format: 'wav' });
      assert.equal(r.status, 200);
      const bytes = Buffer.from(await r.arrayBuffer());
      if (model === speakers[1]) {
        assert.equal(r.headers.get('content-type'), 'audio/wav');
        assert.equal(bytes.subarray(0, 4).toString(), 'RIFF');
        assert.deepEqual(bytes.subarray(44), pcm);
        assert.ok((await last()).output_tokens > 0, 'the tokens of a spoken answer are recorded');
      } else {
        assert.equal(bytes.toString(), 'ID3-one-two-three');
      }
    });
  }

  for (const [model, want] of [
    ['gpt-3.5-turbo-instruct', / upon a time/],
    [flash2, /./],
    [claude, /Hello\./],
  ]) {
    test(`legacy completions, ${model}`, async () => {
      const ask = { model, prompt: say('Once'), max_tokens: 200 };
      const r = await client().completions.create(ask);
      assert.equal(r.object, 'text_completion');
      assert.match(r.choices[0].text, want);
      assert.equal(r.choices[0].finish_reason, 'stop');
      assert.ok(r.usage.total_tokens > 0);
      let text = '';
      for await (const chunk of await client().completions.create({ ...ask, stream: true })) {
        text += chunk.choices[0]?.text ?? '';
      }
      assert.equal(text, r.choices[0].text);
    });
  }

  test('what a model cannot do is a 400 of its own', async () => {
    const cannot = (e) => e instanceof OpenAI.BadRequestError && e.code === 'operation_not_supported' && e.param === 'model';
    await assert.rejects(client().embeddings.create({ model: claude, input: say('x') }), cannot);
    await assert.rejects(client().images.generate({ model: flash2, prompt: say('x') }), cannot);
    await assert.rejects(client().audio.speech.create({ model: claude, voice: 'alloy', input: say('x') }), cannot);
  });

  test('an upstream fault keeps its class', async () => {
    await world.gemini.script({ ...errorStep(400, 'INVALID_ARGUMENT', 'The pineapple is out of range.'), op: 'embed' });
    await assert.rejects(
      client().embeddings.create({ model: embedders[1], input: say('x') }),
      (e) => e instanceof OpenAI.BadRequestError && /pineapple/.test(e.message),
    );
  });
});

describe('Google SDK, operations', () => {
  const world = operationsWorld();
  const client = (apiVersion) =>
    new GoogleGenAI({
      apiKey: clientKey,
      vertexai: false,
      ...(apiVersion ? { apiVersion } : {}),
      httpOptions: { baseUrl: world.gateway.url, timeout: 30_000 },
    });

  for (const version of [undefined, 'v1beta']) {
    for (const model of embedders) {
      test(`embedContent, ${model}, ${version ?? 'default version'}`, async () => {
        const r = await client(version).models.embedContent({
          model,
          contents: [say('one'), 'two'],
          config: { outputDimensionality: 4, taskType: 'RETRIEVAL_QUERY' },
        });
        assert.deepEqual(
          r.embeddings.map((e) => e.values),
          [
            [0.25, -0.5, 0, 0],
            [0.25, -0.5, 1, 0],
          ],
        );
      });
    }
  }

  test('countTokens: counted by the upstream, or estimated where it cannot', async () => {
    for (const model of [flash2, flash3, claude, 'compatible-large']) {
      const r = await client().models.countTokens({ model, contents: say('hello '.repeat(200)) });
      assert.ok(r.totalTokens > 20, `${model}: ${r.totalTokens}`);
    }
  });

  test('models of all vendors, by pages', async () => {
    const names = [];
    for await (const m of await client().models.list({ config: { pageSize: 3 } })) names.push(m);
    const byName = new Map(names.map((m) => [m.name, m]));
    assert.equal(byName.size, names.length);
    assert.equal(byName.get(`models/${claude}`).outputTokenLimit, 128_000);
    assert.equal(byName.get(`models/${flash2}`).inputTokenLimit, 1_048_576);
    assert.ok(byName.has('models/text-embedding-3-small'));
  });

  for (const model of [flash2, claude, 'compatible-large']) {
    test(`a file of the vendor's store, ${model}`, async () => {
      const parts = [
        { text: say('look') },
        { fileData: { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/abc', mimeType: 'image/png' } },
      ];
      const ask = client().models.generateContent({ model, contents: [{ role: 'user', parts }] });
      if (model === flash2) return ask; // Google's own: passes
      await assert.rejects(ask, (e) => e.status === 400 && /INVALID_ARGUMENT/.test(e.message) && /parts\[1\]/.test(e.message));
    });
  }
});

describe('Anthropic SDK, operations', () => {
  const world = operationsWorld();
  const client = () =>
    new Anthropic({ baseURL: world.gateway.url, apiKey: clientKey, maxRetries: 0, timeout: 30_000 });

  test('models by pages, forwards and backwards', async () => {
    const all = await client().models.list({ limit: 1000 });
    assert.equal(all.has_more, false);
    const ids = all.data.map((m) => m.id);
    const paged = [];
    for await (const m of client().models.list({ limit: 3 })) paged.push(m.id);
    assert.deepEqual(paged, ids);
    assert.ok(ids.includes(claude) && ids.includes(flash2) && ids.includes('text-embedding-3-small'));
    const second = await client().models.list({ limit: 3, after_id: ids[2] });
    assert.deepEqual([second.first_id, second.last_id, second.has_more], [ids[3], ids[5], true]);
    const before = await client().models.list({ limit: 2, before_id: ids[4] });
    assert.deepEqual(
      before.data.map((m) => m.id),
      [ids[2], ids[3]],
    );
    const one = await client().models.retrieve(claude);
    assert.deepEqual([one.type, one.display_name, one.max_tokens], ['model', 'A', 128_000]);
    assert.equal(new Date(one.created_at).toISOString(), '2026-01-02T00:00:00.000Z');
  });

  test('countTokens: counted by the upstream, or estimated and marked where it cannot', async () => {
    for (const [model, estimated] of [
      [claude, null],
      [flash2, null],
      ['compatible-large', '1'],
    ]) {
      const { data, response } = await client()
        .messages.countTokens({ model, system: [{ type: 'text', text: 'Be brief.' }], messages: [{ role: 'user', content: say('hello '.repeat(100)) }] })
        .withResponse();
      assert.ok(data.input_tokens > 20, `${model}: ${data.input_tokens}`);
      assert.equal(response.headers.get('x-antigravity-estimate'), estimated, model);
    }
  });

  test('the prompt is in no record of the log', () => assert.ok(!world.gateway.log().includes(mark)));
});
