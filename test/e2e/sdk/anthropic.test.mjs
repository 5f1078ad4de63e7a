// The Anthropic SDK: messages.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { callsStep, errorStep, say, sdkWorld, textStep, weather } from '../lib/sdk.mjs';
import { clientKey, flash2, flash3 } from '../lib/world.mjs';

const tool = { name: weather.name, description: weather.description, input_schema: weather.schema };
const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe('Anthropic SDK', () => {
  const world = sdkWorld();
  const client = (more) =>
    new Anthropic({ baseURL: world.gateway.url, apiKey: clientKey, maxRetries: 0, timeout: 30_000, ...more });
  const user = (text) => ({ role: 'user', content: say(text) });

  test('models', async () => {
    const ids = [];
    for await (const m of client().models.list({ limit: 2 })) ids.push(m.id);
    assert.ok(ids.includes(flash2) && ids.includes(flash3), ids.join());
    assert.equal(new Set(ids).size, ids.length);
    assert.equal((await client().models.retrieve(flash3)).id, flash3);
  });

  test('the key as bearer token', async () => {
    const r = await client({ apiKey: null, authToken: clientKey }).messages.create({
      model: flash2,
      max_tokens: 100,
      messages: [user('hello')],
    });
    assert.match(r.content[0].text, /^You said: hello/);
  });

  test('token counting', async () => {
    const short = await client().messages.countTokens({ model: flash2, messages: [user('hello')] });
    const long = await client().messages.countTokens({
      model: flash2,
      messages: [user('hello '.repeat(200))],
      tools: [tool],
      system: 'Be brief.',
    });
    assert.ok(
      short.input_tokens > 0 && long.input_tokens > short.input_tokens + 100,
      `${short.input_tokens} ${long.input_tokens}`,
    );
    assert.ok((await world.fake.requests()).some((r) => r.op === 'countTokens'));
  });

  for (const stream of [false, true]) {
    const form = stream ? 'stream' : 'whole';

    async function ask(params) {
      const all = { max_tokens: 2000, ...params };
      return stream ? client().messages.stream(all).finalMessage() : client().messages.create(all);
    }

    test(`messages, ${form}`, async () => {
      const r = await ask({
        model: flash2,
        system: 'Be brief.',
        messages: [user('hello')],
        stop_sequences: ['END'],
        temperature: 0.25,
      });
      assert.match(r.content[0].text, /^You said: hello/);
      assert.equal(r.stop_reason, 'end_turn');
      assert.equal(r.model, flash2);
      assert.ok(r.usage.input_tokens > 0 && r.usage.output_tokens > 0, JSON.stringify(r.usage));
      const { generationConfig: config, systemInstruction: system } = (await world.fake.generates()).at(
        -1,
      ).json;
      assert.equal(system.parts[0].text, 'Be brief.');
      assert.equal(config.temperature, 0.25);
      assert.deepEqual(config.stopSequences, ['END']);
      assert.equal(config.maxOutputTokens, 2000);
    });

    test(`an image, ${form}`, async () => {
      await ask({
        model: flash2,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: say('look') },
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } },
            ],
          },
        ],
      });
      const parts = (await world.fake.generates()).at(-1).json.contents[0].parts;
      assert.deepEqual(parts[1].inlineData, { mimeType: 'image/png', data: pixel });
    });

    for (const thinking of [undefined, { type: 'enabled', budget_tokens: 1024 }, { type: 'adaptive' }]) {
      test(`tools over two turns, thinking ${thinking?.type ?? 'off'}, ${form}`, async () => {
        await world.fake.script(
          callsStep(['get_weather', { city: 'Oslo' }], ['get_weather', { city: 'Rome' }]),
          textStep('All mild.'),
        );
        const messages = [user('weather?')];
        const first = await ask({ model: flash3, messages, tools: [tool], thinking });
        assert.equal(first.stop_reason, 'tool_use');
        const calls = first.content.filter((b) => b.type === 'tool_use');
        assert.deepEqual(
          calls.map((c) => c.input),
          [{ city: 'Oslo' }, { city: 'Rome' }],
        );
        if (thinking?.type === 'enabled') {
          const block = first.content[0];
          assert.equal(block.type, 'thinking');
          assert.equal(block.thinking, 'Let me see.');
        }
        messages.push({ role: 'assistant', content: first.content });
        messages.push({
          role: 'user',
          content: calls.map((c) => ({ type: 'tool_result', tool_use_id: c.id, content: 'mild' })),
        });
        const second = await ask({ model: flash3, messages, tools: [tool], thinking });
        assert.equal(second.content.findLast((b) => b.type === 'text').text, 'All mild.');
        const contents = (await world.fake.generates()).at(-1).json.contents;
        const sent = contents.flatMap((c) => c.parts).filter((p) => p.functionCall);
        assert.ok(
          sent[0].thoughtSignature && !sent[0].thoughtSignature.startsWith('skip_'),
          'the signature of the first call',
        );
        assert.equal(contents.flatMap((c) => c.parts).filter((p) => p.functionResponse).length, 2);
      });
    }
  }

  test('errors have the SDK’s classes', async () => {
    const ask = (params, c = client()) =>
      c.messages.create({ model: flash2, max_tokens: 100, messages: [user('hello')], ...params });
    await assert.rejects(
      ask({ model: 'no-such-model' }),
      (e) => e instanceof Anthropic.NotFoundError && e.error.error.type === 'not_found_error',
    );
    await assert.rejects(
      ask({ messages: 'no list' }),
      (e) => e instanceof Anthropic.BadRequestError && e.error.error.type === 'invalid_request_error',
    );
    await world.fake.script(errorStep(400, 'INVALID_ARGUMENT', 'The pineapple is out of range.'));
    await assert.rejects(
      ask(),
      (e) =>
        e instanceof Anthropic.BadRequestError &&
        /pineapple is out of range/.test(e.message) &&
        /^req_/.test(e.requestID),
    );
    await assert.rejects(
      ask({}, client({ baseURL: `${world.gateway.url}/v1` })),
      (e) =>
        e instanceof Anthropic.NotFoundError &&
        /duplicated_version_prefix/.test(e.message) &&
        e.message.includes(`enter ${world.gateway.url} `),
    );
  });

  test('a fault in mid-stream is an error, not an end', async () => {
    await world.fake.script({
      reply: { parts: [{ text: 'a b c d' }], pieces: 4 },
      fault: 'error_in_200',
      after: 2,
    });
    await assert.rejects(
      client()
        .messages.stream({ model: flash2, max_tokens: 100, messages: [user('hello')] })
        .finalMessage(),
      Anthropic.APIError,
    );
  });
});
