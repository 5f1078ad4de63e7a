// Google's SDK: its default version v1, and v1beta.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApiError, GoogleGenAI } from '@google/genai';
import { errorStep, say, sdkWorld, textStep, weather } from '../lib/sdk.mjs';
import { clientKey, flash2, flash3 } from '../lib/world.mjs';

/** The text and the calls of a reply; the SDK's own `text` warns of calls beside it. */
function read(reply) {
  const parts = reply.candidates?.[0]?.content?.parts ?? [];
  return {
    text: parts.map((p) => (p.thought ? '' : (p.text ?? ''))).join(''),
    calls: reply.functionCalls ?? [],
  };
}

const tools = [
  {
    functionDeclarations: [
      { name: weather.name, description: weather.description, parametersJsonSchema: weather.schema },
    ],
  },
];

describe('Google SDK', () => {
  const world = sdkWorld();
  const client = (apiVersion, path = '') =>
    new GoogleGenAI({
      apiKey: clientKey,
      vertexai: false,
      ...(apiVersion ? { apiVersion } : {}),
      httpOptions: { baseUrl: world.gateway.url + path, timeout: 30_000 },
    });

  for (const version of [undefined, 'v1beta', 'v1alpha']) {
    const name = version ?? 'default version';

    test(`generateContent and streaming, ${name}`, async () => {
      const ai = client(version);
      const config = { systemInstruction: 'Be brief.', temperature: 0.25 };
      const r = await ai.models.generateContent({ model: flash2, contents: say('hello'), config });
      assert.match(r.text, /^You said: hello/);
      assert.equal(r.candidates[0].finishReason, 'STOP');
      let text = '';
      let usage;
      for await (const chunk of await ai.models.generateContentStream({
        model: flash2,
        contents: say('hello'),
        config,
      })) {
        text += chunk.text ?? '';
        usage = chunk.usageMetadata ?? usage;
      }
      assert.equal(text, r.text);
      assert.equal(usage.totalTokenCount, r.usageMetadata.totalTokenCount);
      const [a, b] = (await world.fake.generates()).slice(-2);
      assert.equal(a.json.systemInstruction.parts[0].text, 'Be brief.');
      assert.deepEqual(a.json, b.json);
    });

    test(`models and token counting, ${name}`, async () => {
      const ai = client(version);
      const names = [];
      for await (const m of await ai.models.list({ config: { pageSize: 2 } })) names.push(m.name);
      assert.ok(names.includes(`models/${flash2}`) && names.includes(`models/${flash3}`), names.join());
      assert.equal(new Set(names).size, names.length);
      assert.equal((await ai.models.get({ model: flash3 })).name, `models/${flash3}`);
      const { totalTokens } = await ai.models.countTokens({
        model: flash2,
        contents: say('hello '.repeat(200)),
      });
      assert.ok(totalTokens >= 50, `${totalTokens}`);
    });
  }

  for (const stream of [false, true]) {
    test(`a chat over tools, ${stream ? 'stream' : 'whole'}`, async () => {
      // A text, then two calls: a stream brings them in several events, and the SDK keeps each event as a turn.
      await world.fake.script(
        {
          reply: {
            parts: [
              { text: 'Let me see.', thought: true },
              { text: 'I look at two cities now.' },
              { call: { name: 'get_weather', args: { city: 'Oslo' } } },
              { call: { name: 'get_weather', args: { city: 'Rome' } } },
            ],
          },
        },
        { reply: { parts: [{ call: { name: 'get_weather', args: { city: 'Bern' } } }] } },
        textStep('All mild.'),
      );
      const chat = client().chats.create({
        model: flash3,
        config: { tools, thinkingConfig: { includeThoughts: true } },
      });
      const send = async (message) => {
        if (!stream) {
          return read(await chat.sendMessage({ message }));
        }
        const got = { text: '', calls: [] };
        for await (const chunk of await chat.sendMessageStream({ message })) {
          const { text, calls } = read(chunk);
          got.text += text;
          got.calls.push(...calls);
        }
        return got;
      };
      const results = (calls) =>
        calls.map((c) => ({
          functionResponse: { id: c.id, name: c.name, response: { output: `mild in ${c.args.city}` } },
        }));
      const first = await send(say('weather?'));
      assert.deepEqual(
        first.calls.map((c) => c.args.city),
        ['Oslo', 'Rome'],
      );
      const second = await send(results(first.calls));
      assert.deepEqual(
        second.calls.map((c) => c.args.city),
        ['Bern'],
      );
      const third = await send(results(second.calls));
      assert.equal(third.text, 'All mild.');
      const fourth = await send(say('hello'));
      assert.match(fourth.text, /^You said: hello/);
    });
  }

  test('structured output', async () => {
    const schema = { type: 'object', properties: { n: { type: 'integer', minimum: 3 } }, required: ['n'] };
    const r = await client().models.generateContent({
      model: flash2,
      contents: say('a number'),
      config: { responseMimeType: 'application/json', responseJsonSchema: schema },
    });
    assert.deepEqual(JSON.parse(r.text), { n: 3 });
  });

  test('errors', async () => {
    const ask = (ai, model = flash2) => ai.models.generateContent({ model, contents: say('hello') });
    await assert.rejects(
      ask(client(), 'no-such-model'),
      (e) => e instanceof ApiError && e.status === 404 && /NOT_FOUND/.test(e.message),
    );
    await world.fake.script(errorStep(400, 'INVALID_ARGUMENT', 'The pineapple is out of range.'));
    await assert.rejects(
      ask(client()),
      (e) => e instanceof ApiError && e.status === 400 && /pineapple is out of range/.test(e.message),
    );
    await assert.rejects(
      ask(client('v1beta', '/v1')),
      (e) =>
        e instanceof ApiError &&
        e.status === 404 &&
        /duplicated_version_prefix/.test(e.message) &&
        e.message.includes(`enter ${world.gateway.url} `),
    );
  });
});
