// The four kinds of upstream as judges script and read them.
import { flash3, small } from './world.mjs';

/**
 * A service that speaks generateContent with these models; `open` finds a request in a body.
 * Its seals stand on the first call of a step.
 */
const gemini = (main, small, open = (body) => body) => ({
  main,
  small,
  reply: ({ thought, text, calls = [] }) => ({
    model: main,
    reply: {
      parts: [
        ...(thought ? [{ text: thought, thought: true }] : []),
        ...(text ? [{ text }] : []),
        ...calls.map(({ id, name, args }) => ({ call: { id, name, args } })),
      ],
      usage: { promptTokenCount: 2600, cachedContentTokenCount: 2000, candidatesTokenCount: 26, thoughtsTokenCount: 64 },
    },
  }),
  steps: (body) => {
    const parts = open(body).contents.flatMap((c) => c.parts);
    const calls = parts.filter((p) => p.functionCall);
    return {
      seals: calls.filter((p) => p.thoughtSignature && !p.thoughtSignature.startsWith('skip_')).length,
      calls: calls.map((p) => p.functionCall.name),
      results: parts.filter((p) => p.functionResponse).length,
    };
  },
  usage: { input: 600, cached: 2000, output: 90 },
  seals: true,
});

/** A Google account, with this model. */
export const codeAssist = (main) => gemini(main, 'gemini-2.5-flash', (envelope) => envelope.request);

/** Messages of Anthropic's, wherever they are served. The fake signs its thoughts and refuses altered ones. */
const claude = {
  main: 'claude-opus-5',
  small: 'claude-sonnet-4-5',
  reply: ({ thought, text, calls = [] }) => ({
    For: 'claude-opus-5',
    Thought: thought,
    Text: text,
    Calls: calls.map(({ id, name, args }) => ({ ID: id, Name: name, Input: JSON.stringify(args) })),
  }),
  steps: (body) => {
    const blocks = body.messages.flatMap((m) => texts(m.content));
    return {
      seals: blocks.filter((b) => b.type === 'thinking').length,
      calls: blocks.filter((b) => b.type === 'tool_use').map((b) => b.name),
      results: blocks.filter((b) => b.type === 'tool_result').length,
    };
  },
  usage: { input: 512, cached: 9000, output: 350 },
  seals: true,
};

const texts = (content) => (Array.isArray(content) ? content : []);

/**
 * For each kind:
 * main, small   models, the small one for what a client asks beside its work
 * reply         a scripted answer of a thought, a text and calls {id, name, args}
 * steps         of a request's body: the thoughts that came back sealed, the names of the calls, the number of results
 * usage         the tokens of one scripted answer, as the vendor counts them; undefined: others each time
 * seals         whether its thoughts have to come back
 */
export const kinds = {
  gemini: gemini(flash3, small),
  vertexGemini: gemini(flash3, small),
  codeAssist: codeAssist('gemini-3-pro-preview'),
  anthropic: claude,
  vertexClaude: claude,
  chat: {
    main: 'compatible-large',
    small: 'compatible-small',
    reply: ({ text, calls = [] }) => ({ For: 'compatible-large', Text: text, Calls: openAICalls(calls) }),
    steps: (body) => ({
      calls: body.messages.flatMap((m) => m.tool_calls ?? []).map((c) => c.function.name),
      results: body.messages.filter((m) => m.role === 'tool').length,
    }),
    usage: { input: 600, cached: 2000, output: 90 },
  },
  responses: {
    main: 'o4-mini', // a GPT's name has some clients offer other tools for files
    small: 'gpt-4.1',
    // The fake seals its thoughts and takes none but its own.
    reply: ({ thought, text, calls = [] }) => ({ For: 'o4-mini', Thought: thought, Text: text, Calls: openAICalls(calls) }),
    steps: (body) => {
      const items = texts(body.input);
      return {
        seals: items.filter((i) => i.type === 'reasoning' && i.encrypted_content).length,
        calls: items.filter((i) => i.type === 'function_call').map((i) => i.name),
        results: items.filter((i) => i.type === 'function_call_output').length,
      };
    },
    usage: { input: 600, cached: 2000, output: 90 },
    seals: true,
  },
};

const openAICalls = (calls) => calls.map(({ id, name, args }) => ({ ID: id, Name: name, Args: JSON.stringify(args) }));
