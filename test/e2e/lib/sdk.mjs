// A gateway over a fake for the judges that are written with an SDK.
import { after, afterEach, before } from 'node:test';
import { judgeLog, judgeUpstream, mark } from './judgements.mjs';
import { Fake, Gateway } from './world.mjs';

/** Set up before and judged after the tests of a suite: `world.gateway`, `world.fake`. */
export function sdkWorld() {
  const world = {};
  before(async () => {
    world.fake = await Fake.start();
    world.gateway = await Gateway.start({ fake: world.fake });
  });
  afterEach(async () => {
    const requests = await world.fake.requests();
    await world.fake.reset(); // a test that failed leaves no script to the next one
    judgeUpstream(requests, world.gateway.key);
  });
  after(async () => {
    try {
      judgeLog(await world.gateway.stop(), world.gateway.key);
    } finally {
      await world.fake?.stop();
    }
  });
  return world;
}

/** A prompt that holds the mark. */
export const say = (text) => `${text} (${mark})`;

/** Steps of a fake: one answer that thinks first and then calls these functions. */
export const callsStep = (...calls) => ({
  reply: {
    parts: [
      { text: 'Let me see.', thought: true },
      ...calls.map(([name, args]) => ({ call: { name, args } })),
    ],
  },
});

export const textStep = (text) => ({ reply: { parts: [{ text }] } });

export const errorStep = (code, status, message, details) => ({
  error: { code, status, message, ...(details ? { details } : {}) },
});

/** What the service sends with a daily limit: no account is free for an hour. */
export const limited = () =>
  errorStep(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota.', [
    { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '3600s' },
  ]);

export const weather = {
  name: 'get_weather',
  description: 'The weather of a city',
  schema: {
    type: 'object',
    properties: {
      city: { type: 'string', description: 'The city' },
      unit: { anyOf: [{ type: 'string', enum: ['C', 'F'] }, { type: 'null' }] },
    },
    required: ['city'],
    additionalProperties: false,
  },
};
