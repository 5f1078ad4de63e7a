// The openai SDK: chat completions and responses.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import OpenAI from 'openai';
import { callsStep, errorStep, limited, say, sdkWorld, textStep, weather } from '../lib/sdk.mjs';
import { clientKey, flash2, flash3, Gateway, Fake } from '../lib/world.mjs';

const tool = {
  type: 'function',
  function: { name: weather.name, description: weather.description, parameters: weather.schema },
};
const responsesTool = {
  type: 'function',
  name: weather.name,
  description: weather.description,
  parameters: weather.schema,
  strict: false,
};
const person = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    age: { type: 'integer', minimum: 7 },
    tags: { type: 'array', items: { type: 'string' }, minItems: 1 },
  },
  required: ['name', 'age', 'tags'],
  additionalProperties: false,
};

const connect = (gateway, more) =>
  new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0, timeout: 30_000, ...more });

describe('openai SDK', () => {
  const world = sdkWorld();
  const client = () => connect(world.gateway);
  const user = (text) => ({ role: 'user', content: say(text) });

  test('models', async () => {
    const ids = [];
    for await (const m of client().models.list()) ids.push(m.id);
    assert.ok(ids.includes(flash2) && ids.includes(flash3), ids.join());
    assert.equal((await client().models.retrieve(flash2)).id, flash2);
  });

  for (const stream of [false, true]) {
    const form = stream ? 'stream' : 'whole';

    async function chat(params) {
      const completions = client().chat.completions;
      if (!stream) return completions.create(params);
      return completions.stream({ ...params, stream_options: { include_usage: true } }).finalChatCompletion();
    }

    test(`chat, ${form}`, async () => {
      const r = await chat({
        model: flash2,
        messages: [{ role: 'system', content: 'Be brief.' }, user('hello')],
      });
      assert.match(r.choices[0].message.content, /^You said: hello/);
      assert.equal(r.choices[0].finish_reason, 'stop');
      assert.equal(r.model, flash2);
      assert.ok(
        r.usage.prompt_tokens > 0 &&
          r.usage.total_tokens === r.usage.prompt_tokens + r.usage.completion_tokens,
        JSON.stringify(r.usage),
      );
      const last = (await world.fake.generates()).at(-1).json;
      assert.equal(last.systemInstruction.parts[0].text, 'Be brief.');
    });

    test(`chat with tools over two turns, ${form}`, async () => {
      await world.fake.script(
        callsStep(['get_weather', { city: 'Oslo' }], ['get_weather', { city: 'Rome', unit: 'C' }]),
        textStep('All mild.'),
      );
      const messages = [user('weather?')];
      const first = await chat({ model: flash3, messages, tools: [tool] });
      const { message, finish_reason: reason } = first.choices[0];
      assert.equal(reason, 'tool_calls');
      assert.deepEqual(
        message.tool_calls.map((c) => JSON.parse(c.function.arguments)),
        [{ city: 'Oslo' }, { city: 'Rome', unit: 'C' }],
      );
      // A client that keeps nothing but what the protocol names.
      messages.push({
        role: 'assistant',
        content: message.content,
        tool_calls: message.tool_calls.map(({ id, type, function: f }) => ({
          id,
          type,
          function: { name: f.name, arguments: f.arguments },
        })),
      });
      for (const c of message.tool_calls)
        messages.push({ role: 'tool', tool_call_id: c.id, content: 'mild' });
      const second = await chat({ model: flash3, messages, tools: [tool] });
      assert.equal(second.choices[0].message.content, 'All mild.');
      const contents = (await world.fake.generates()).at(-1).json.contents;
      const sent = contents.flatMap((c) => c.parts).filter((p) => p.functionCall);
      assert.equal(sent.length, 2);
      assert.ok(
        sent[0].thoughtSignature && !sent[0].thoughtSignature.startsWith('skip_'),
        'the signature of the first call',
      );
      assert.equal(sent[1].thoughtSignature, undefined);
    });

    test(`structured output, ${form}`, async () => {
      const r = await chat({
        model: flash2,
        messages: [user('a person')],
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'person', schema: person, strict: true },
        },
      });
      assert.deepEqual(JSON.parse(r.choices[0].message.content), { name: 'text', age: 7, tags: ['text'] });
    });

    async function respond(params) {
      const { responses } = client();
      return stream ? responses.stream(params).finalResponse() : responses.create(params);
    }

    test(`responses, ${form}`, async () => {
      const r = await respond({ model: flash2, input: say('hello'), instructions: 'Be brief.' });
      assert.match(r.output_text, /^You said: hello/);
      assert.equal(r.status, 'completed');
      assert.ok(r.usage.input_tokens > 0 && r.usage.output_tokens > 0, JSON.stringify(r.usage));
    });

    test(`responses with tools over two turns, ${form}`, async () => {
      await world.fake.script(callsStep(['get_weather', { city: 'Oslo' }]), textStep('Mild.'));
      const input = [user('weather?')];
      const params = {
        model: flash3,
        tools: [responsesTool],
        store: false,
        reasoning: { effort: 'low', summary: 'auto' },
        include: ['reasoning.encrypted_content'],
      };
      const first = await respond({ ...params, input });
      const call = first.output.find((i) => i.type === 'function_call');
      assert.deepEqual(JSON.parse(call.arguments), { city: 'Oslo' });
      assert.ok(
        first.output.some((i) => i.type === 'reasoning' && i.encrypted_content),
        JSON.stringify(first.output),
      );
      input.push(...first.output, { type: 'function_call_output', call_id: call.call_id, output: 'mild' });
      const second = await respond({ ...params, input });
      assert.equal(second.output_text, 'Mild.');
      const sent = (await world.fake.generates())
        .at(-1)
        .json.contents.flatMap((c) => c.parts)
        .find((p) => p.functionCall);
      assert.ok(sent.thoughtSignature && !sent.thoughtSignature.startsWith('skip_'));
    });

    test(`responses with structured output, ${form}`, async () => {
      const r = await respond({
        model: flash2,
        input: say('a person'),
        text: { format: { type: 'json_schema', name: 'person', schema: person, strict: true } },
      });
      assert.deepEqual(JSON.parse(r.output_text), { name: 'text', age: 7, tags: ['text'] });
    });
  }

  test('the SDK runs tools by itself', async () => {
    await world.fake.script(
      callsStep(['get_weather', { city: 'Oslo' }]),
      callsStep(['get_weather', { city: 'Rome' }]),
      textStep('Done.'),
    );
    const asked = [];
    const run = client().chat.completions.runTools({
      model: flash3,
      messages: [user('weather?')],
      tools: [
        {
          type: 'function',
          function: {
            ...tool.function,
            parse: JSON.parse,
            function: ({ city }) => asked.push(city) && 'mild',
          },
        },
      ],
    });
    assert.equal(await run.finalContent(), 'Done.');
    assert.deepEqual(asked, ['Oslo', 'Rome']);
  });

  test('leaving a stream leaves the upstream', async () => {
    await world.fake.script({ reply: { parts: [{ text: 'a b c d e f g h' }], pieces: 8 }, gap: 500_000_000 });
    const stream = await client().chat.completions.create({
      model: flash2,
      messages: [user('slowly')],
      stream: true,
    });
    for await (const chunk of stream) if (chunk.choices[0]?.delta?.content) break;
    const deadline = Date.now() + 5000;
    let last;
    do last = (await world.fake.generates()).at(-1);
    while (!last.gone && Date.now() < deadline && (await new Promise((r) => setTimeout(r, 50, true))));
    assert.ok(last.gone, 'the upstream still streams');
  });

  test('errors have the SDK’s classes', async () => {
    const ask = (params) =>
      client().chat.completions.create({ model: flash2, messages: [user('hello')], ...params });
    await assert.rejects(
      ask({ model: 'no-such-model' }),
      (e) => e instanceof OpenAI.NotFoundError && e.code === 'model_not_found',
    );
    await assert.rejects(
      ask({ messages: 'no list' }),
      (e) => e instanceof OpenAI.BadRequestError && /messages/.test(`${e.param} ${e.message}`),
    );
    await world.fake.script(errorStep(400, 'INVALID_ARGUMENT', 'The pineapple is out of range.'));
    await assert.rejects(
      ask(),
      (e) => e instanceof OpenAI.BadRequestError && /pineapple is out of range/.test(e.message),
    );
    await assert.rejects(
      client().embeddings.create({ model: flash2, input: 'x', encoding_format: 'float' }),
      (e) => e instanceof OpenAI.BadRequestError && e.param === 'model' && e.code === 'operation_not_supported',
    );
    const wrong = connect(world.gateway, { baseURL: `${world.gateway.url}/v1/v1` });
    await assert.rejects(
      wrong.responses.create({ model: flash2, input: 'x' }),
      (e) =>
        e instanceof OpenAI.NotFoundError &&
        e.code === 'duplicated_version_prefix' &&
        e.message.includes(`${world.gateway.url}/v1 `),
    );
  });

  /** A gateway of its own, for what an account does not forget. */
  async function alone(t) {
    const fake = await Fake.start();
    t.after(() => fake.stop());
    const gateway = await Gateway.start({ fake });
    t.after(() => gateway.stop());
    return {
      fake,
      gateway,
      ask: (more) =>
        connect(gateway, more).chat.completions.create({ model: flash2, messages: [user('hello')] }),
    };
  }

  test('a limited account: 429 with the time to wait', async (t) => {
    const { fake, ask } = await alone(t);
    await fake.script(limited());
    await assert.rejects(
      ask(),
      (e) => e instanceof OpenAI.RateLimitError && Number(e.headers.get('retry-after')) > 30,
    );
  });

  test('a refused account is never the client’s 401', async (t) => {
    const { fake, ask } = await alone(t);
    await fake.script(errorStep(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.'));
    await assert.rejects(
      ask(),
      (e) => e instanceof OpenAI.InternalServerError && e.status === 503 && e.code === 'no_usable_account',
    );
  });

  test('a key is asked for as soon as the setting says so', async (t) => {
    const { gateway, ask } = await alone(t);
    await ask();
    await gateway.command(['config', 'set', 'proxy.auth_mode', 'all_except_health']);
    await assert.rejects(
      ask(),
      (e) => e instanceof OpenAI.AuthenticationError && e.code === 'invalid_api_key',
    );
    const apiKey = (await gateway.command(['key', 'create', '--name', 'sdk'])).match(/^sk-agt-\S+$/m)[0];
    await ask({ apiKey });
    await gateway.command(['key', 'disable', 'sdk']);
    await assert.rejects(ask({ apiKey }), OpenAI.AuthenticationError);
  });
});
