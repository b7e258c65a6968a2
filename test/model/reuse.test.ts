import { describe, expect, it } from 'vitest';
import type { ModelRequest } from '../../lib/model/request.ts';
import type { ModelResult } from '../../lib/model/result.ts';
import { reusedCall } from '../../lib/model/reuse.ts';
import { reuseKey } from '../../lib/model/reuse-key.ts';
import { memoryStore } from '../../lib/payload/memory-store.ts';
import type { PayloadStore } from '../../lib/payload/store.ts';

const state = { Name: 'ask', EnteredTime: '2026-01-01T00:00:00.000Z', RetryCount: 0 };
const request: ModelRequest = {
  model: 'm',
  prompt: 'p',
  reuse: true,
  caller: ['run-1', 'flow', state],
};
const usage = {
  inputTokens: 3,
  outputTokens: 4,
  totalTokens: 7,
  cachedInputTokens: 0,
  reasoningTokens: 0,
};
const result: ModelResult = {
  object: 'model.result',
  output: 'x',
  toolCalls: [],
  usage,
  price: { usd: 0.01 },
  model: 'm-1',
  provider: 'openai',
  finishReason: 'stop',
  requestId: 'r',
  attempts: 2,
  latency: 90,
};

function setUp(store: PayloadStore | null = memoryStore()) {
  let made = 0;
  const ask = (given: ModelRequest) =>
    reusedCall(given, { provider: 'openai', baseURL: 'u', open: async () => store }, async () => {
      made += 1;
      return { ...result, output: `answer ${made}` };
    });
  return { ask, made: () => made };
}

const from = (run: string): ModelRequest => ({ ...request, caller: [run, 'flow', state] });

describe('a call that says reuse', () => {
  it('takes the answer of the same call of its run, marked, and at no cost', async () => {
    const { ask, made } = setUp();
    expect(await ask(request)).toEqual({ ...result, output: 'answer 1' });
    expect(await ask(request)).toEqual({
      ...result,
      output: 'answer 1',
      reused: true,
      original: { usage, price: { usd: 0.01 } },
      usage: { ...usage, inputTokens: 0, outputTokens: 0, totalTokens: 0 },
      price: { usd: 0 },
      attempts: 0,
      latency: 0,
    });
    expect(made()).toBe(1);
  });

  it.each(['run-1--reuse-0123456789', 'run-1--reuse-0123456789--watched', 'run-1--inner-0a1b'])(
    'takes it in the run %s of its lineage',
    async (run) => {
      const { ask, made } = setUp();
      await ask(request);
      expect(await ask(from(run))).toMatchObject({ output: 'answer 1', reused: true });
      expect(made()).toBe(1);
    },
  );

  it('takes none of another run', async () => {
    const { ask, made } = setUp();
    await ask(request);
    expect(await ask(from('run-2'))).not.toHaveProperty('reused');
    expect(made()).toBe(2);
  });

  it('records no failure', async () => {
    const store = memoryStore();
    const site = { provider: 'openai', baseURL: 'u', open: async () => store };
    const failing = () => Promise.reject(new Error('It failed.'));
    await expect(reusedCall(request, site, failing)).rejects.toThrow('It failed.');
    expect(await reusedCall(request, site, async () => result)).toEqual(result);
  });

  it('is made where there is no store, and where it cannot be used', async () => {
    const { ask, made } = setUp(null);
    await ask(request);
    await ask(request);
    expect(made()).toBe(2);
    const broken = setUp({
      put: () => Promise.reject(new Error('down')),
      get: () => Promise.reject(new Error('down')),
    });
    expect(await broken.ask(request)).toMatchObject({ output: 'answer 1' });
  });
});

it('a call that does not say reuse is made each time, and nothing is recorded', async () => {
  const { ask, made } = setUp();
  const { reuse: _, ...own } = request;
  await ask(own);
  await ask(own);
  await ask(request);
  expect(made()).toBe(3);
});

describe('the key of a call', () => {
  const key = (more: Partial<ModelRequest> = {}, provider = 'openai', baseURL = 'u') =>
    reuseKey({ ...request, ...more }, provider, baseURL);

  it.each<[string, Partial<ModelRequest>]>([
    ['whose it is', { caller: ['run-9', 'flow', state], turn: { run: 'run-9', waits: 3 } }],
    ['its time limit', { timeoutSeconds: 5 }],
    ['its share', { payload: { share: 5 } }],
    ['the limits of the account', { limits: { requestsPerMinute: 1 } }],
    ['a field that is undefined', { temperature: undefined }],
  ])('is the same whatever %s', (_, more) => {
    expect(key(more)).toBe(key());
  });

  it('is the same in whatever order the fields stand', () => {
    const output = { name: 'o', schema: { type: 'object', properties: { a: {}, b: {} } } };
    const other = { schema: { properties: { b: {}, a: {} }, type: 'object' }, name: 'o' };
    expect(key({ output })).toBe(key({ output: other }));
  });

  it.each<[string, Partial<ModelRequest>]>([
    ['model', { model: 'n' }],
    ['prompt', { prompt: 'q' }],
    ['instructions', { instructions: 'i' }],
    ['temperature', { temperature: 0 }],
    ['schema', { output: { name: 'o', schema: { type: 'object' } } }],
    ['tools', { tools: [{ name: 't', parameters: { type: 'object' } }] }],
    ['extra', { extra: { seed: 1 } }],
  ])('is another one for another %s', (_, more) => {
    expect(key(more)).not.toBe(key());
  });

  it('is another one for another provider or address', () => {
    expect(new Set([key(), key({}, 'groq'), key({}, 'openai', 'v')]).size).toBe(3);
  });
});
