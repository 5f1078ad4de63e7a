// Each SDK over each kind of upstream: a tool loop with parallel calls, its usage, structured output, a broken stream.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { judgeHeaders, judgeLog } from '../lib/judgements.mjs';
import { kinds } from '../lib/kinds.mjs';
import { say, weather } from '../lib/sdk.mjs';
import { clientKey, Fake, Gateway } from '../lib/world.mjs';

const common = { apiKey: clientKey, maxRetries: 0, timeout: 30_000 };
const person = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['name', 'age'],
  additionalProperties: false,
};

/**
 * An SDK in one conversation: `ask` gives {text, calls: [{id, name, args}], stop, usage: {input, cached, output}} and puts
 * the reply into the history, `answer` puts results there. `words` are how it says that tools are called, and that all is said.
 */
const sdks = {
  'openai chat': (url, model, stream, schema) => {
    const { completions } = new OpenAI({ ...common, baseURL: `${url}/v1` }).chat;
    const messages = [];
    const params = {
      model,
      messages,
      tools: [
        { type: 'function', function: { name: weather.name, description: weather.description, parameters: weather.schema } },
      ],
      ...(schema && {
        response_format: { type: 'json_schema', json_schema: { name: 'person', schema, strict: true } },
      }),
    };
    return {
      words: ['tool_calls', 'stop'],
      say: (content) => messages.push({ role: 'user', content }),
      async ask() {
        const r = stream
          ? await completions.stream({ ...params, stream_options: { include_usage: true } }).finalChatCompletion()
          : await completions.create(params);
        const { message, finish_reason: stop } = r.choices[0];
        // What the protocol names; the SDK's helpers put more beside it.
        messages.push({
          role: 'assistant',
          content: message.content,
          ...(message.tool_calls && {
            tool_calls: message.tool_calls.map(({ id, type, function: f }) => ({
              id,
              type,
              function: { name: f.name, arguments: f.arguments },
            })),
          }),
        });
        const u = r.usage;
        const cached = u.prompt_tokens_details.cached_tokens;
        return {
          text: message.content,
          calls: (message.tool_calls ?? []).map(({ id, function: f }) => ({ id, name: f.name, args: JSON.parse(f.arguments) })),
          stop,
          usage: { input: u.prompt_tokens - cached, cached, output: u.completion_tokens },
        };
      },
      answer: (calls, text) =>
        messages.push(...calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: text }))),
    };
  },

  'openai responses': (url, model, stream, schema) => {
    const { responses } = new OpenAI({ ...common, baseURL: `${url}/v1` });
    const input = [];
    const params = {
      model,
      input,
      store: false,
      include: ['reasoning.encrypted_content'],
      tools: [
        { type: 'function', name: weather.name, description: weather.description, parameters: weather.schema, strict: false },
      ],
      ...(schema && { text: { format: { type: 'json_schema', name: 'person', schema, strict: true } } }),
    };
    return {
      words: ['completed', 'completed'],
      say: (content) => input.push({ role: 'user', content }),
      async ask() {
        const r = stream ? await responses.stream(params).finalResponse() : await responses.create(params);
        input.push(...JSON.parse(JSON.stringify(r.output, (k, v) => (k.startsWith('parsed') ? undefined : v)))); // the SDK's own
        const u = r.usage;
        const cached = u.input_tokens_details.cached_tokens;
        return {
          text: r.output_text,
          calls: r.output
            .filter((i) => i.type === 'function_call')
            .map((i) => ({ id: i.call_id, name: i.name, args: JSON.parse(i.arguments) })),
          stop: r.status,
          usage: { input: u.input_tokens - cached, cached, output: u.output_tokens },
        };
      },
      answer: (calls, text) =>
        input.push(...calls.map(({ id }) => ({ type: 'function_call_output', call_id: id, output: text }))),
    };
  },

  anthropic: (url, model, stream, schema) => {
    const client = new Anthropic({ ...common, baseURL: url });
    const messages = [];
    const params = {
      model,
      messages,
      max_tokens: 4000,
      thinking: { type: 'adaptive', display: 'summarized' },
      tools: [{ name: weather.name, description: weather.description, input_schema: weather.schema }],
      ...(schema && { output_config: { format: { type: 'json_schema', schema } } }),
    };
    return {
      words: ['tool_use', 'end_turn'],
      say: (content) => messages.push({ role: 'user', content }),
      async ask() {
        const r = stream ? await client.messages.stream(params).finalMessage() : await client.messages.create(params);
        messages.push({ role: 'assistant', content: r.content });
        const u = r.usage;
        return {
          text: r.content.map((b) => (b.type === 'text' ? b.text : '')).join(''),
          calls: r.content
            .filter((b) => b.type === 'tool_use')
            .map(({ id, name, input: args }) => ({ id, name, args })),
          stop: r.stop_reason,
          usage: {
            input: u.input_tokens + (u.cache_creation_input_tokens ?? 0),
            cached: u.cache_read_input_tokens,
            output: u.output_tokens,
          },
        };
      },
      answer: (calls, text) =>
        messages.push({
          role: 'user',
          content: calls.map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: text })),
        }),
    };
  },

  google: (url, model, stream, schema) => {
    const ai = new GoogleGenAI({ apiKey: clientKey, vertexai: false, httpOptions: { baseUrl: url, timeout: 30_000 } });
    const contents = [];
    const params = {
      model,
      contents,
      config: {
        thinkingConfig: { includeThoughts: true },
        ...(schema
          ? { responseMimeType: 'application/json', responseJsonSchema: schema }
          : {
              tools: [
                {
                  functionDeclarations: [
                    { name: weather.name, description: weather.description, parametersJsonSchema: weather.schema },
                  ],
                },
              ],
            }),
      },
    };
    return {
      words: ['STOP', 'STOP'],
      say: (text) => contents.push({ role: 'user', parts: [{ text }] }),
      async ask() {
        const parts = [];
        let last = {};
        if (stream) {
          for await (last of await ai.models.generateContentStream(params))
            parts.push(...(last.candidates?.[0]?.content?.parts ?? []));
        } else {
          last = await ai.models.generateContent(params);
          parts.push(...last.candidates[0].content.parts);
        }
        contents.push({ role: 'model', parts });
        const u = last.usageMetadata;
        const cached = u.cachedContentTokenCount ?? 0;
        return {
          text: parts.map((p) => (p.thought ? '' : (p.text ?? ''))).join(''),
          calls: parts.filter((p) => p.functionCall).map(({ functionCall: { id, name, args } }) => ({ id, name, args })),
          stop: last.candidates[0].finishReason,
          usage: {
            input: u.promptTokenCount - cached,
            cached,
            output: u.candidatesTokenCount + (u.thoughtsTokenCount ?? 0),
          },
        };
      },
      answer: (calls, text) =>
        contents.push({
          role: 'user',
          parts: calls.map(({ id, name }) => ({ functionResponse: { id, name, response: { output: text } } })),
        }),
    };
  },
};

const looking = 'Let me look, élève 🙂';
const two = [
  { id: 'call_a', name: weather.name, args: { city: 'Oslo' } },
  { id: 'call_b', name: weather.name, args: { city: 'Rome', unit: 'C' } },
];

for (const [kind, upstream] of Object.entries(kinds)) {
  describe(`SDKs over ${kind}`, () => {
    let fake, gateway;
    before(async () => {
      fake = await Fake.start(kind);
      gateway = await Gateway.start({ fake });
    });
    afterEach(async () => {
      const { requests, refused } = await fake.seen();
      await fake.reset();
      assert.deepEqual(refused, []);
      for (const q of requests) judgeHeaders(q.header, q.path);
    });
    after(async () => {
      try {
        judgeLog(await gateway.stop(), gateway.key, ...fake.secrets);
      } finally {
        await fake?.stop();
      }
    });

    for (const [name, connect] of Object.entries(sdks)) {
      for (const stream of [false, true]) {
        const form = stream ? 'stream' : 'whole';

        test(`${name}: two steps of tools, ${form}`, async () => {
          const one = [{ id: 'call_c', name: weather.name, args: { city: 'Bern' } }];
          await fake.script(
            upstream.reply({ thought: 'Two at once.', text: looking, calls: two }),
            upstream.reply({ thought: 'One more.', calls: one }),
            upstream.reply({ text: 'All mild.' }),
          );
          const sdk = connect(gateway.url, upstream.main, stream);
          sdk.say(say('weather?'));
          for (const [calls, text] of [[two, looking], [one, '']]) {
            const r = await sdk.ask();
            assert.deepEqual(r.calls.map(({ name, args }) => ({ name, args })), calls.map(({ name, args }) => ({ name, args })));
            assert.equal(r.text ?? '', text);
            assert.equal(r.stop, sdk.words[0]);
            assert.deepEqual(r.usage, upstream.usage);
            sdk.answer(r.calls, 'mild');
          }
          const last = await sdk.ask();
          assert.equal(last.text, 'All mild.');
          assert.equal(last.stop, sdk.words[1]);
          assert.deepEqual(last.usage, upstream.usage);
          const steps = upstream.steps((await fake.requests()).at(-1).json);
          assert.deepEqual(steps.calls, Array(3).fill(weather.name));
          assert.equal(steps.results, 3);
          if (upstream.seals) assert.equal(steps.seals, 2, 'thoughts that came back sealed');
        });

        test(`${name}: structured output, ${form}`, async () => {
          await fake.script(upstream.reply({ text: '{"name":"Ada","age":36}' }));
          const sdk = connect(gateway.url, upstream.main, stream, person);
          sdk.say(say('a person'));
          const r = await sdk.ask();
          assert.deepEqual(JSON.parse(r.text), { name: 'Ada', age: 36 });
          // A service without schemas of its own is told in words, where the quotes are escaped.
          const sent = (await fake.requests()).at(-1).body.replaceAll('\\"', '"');
          for (const word of Object.keys(person.properties)) assert.ok(sent.includes(`"${word}"`), sent);
        });
      }
    }
  });
}
