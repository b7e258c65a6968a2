import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type StandIn, startStandIn } from '../../../lib/local/stand-in/stand-in.ts';
import { callModel } from '../../../lib/model/call.ts';
import { providerNamed, providers } from '../../../lib/model/providers.ts';
import type { ModelRequest } from '../../../lib/model/request.ts';

describe('the stand-in', () => {
  let standIn: StandIn;
  beforeAll(async () => {
    standIn = await startStandIn({ latency: 0 });
  });
  afterAll(() => standIn.close());

  function ask(provider: string, request: Omit<ModelRequest, 'model'>, model = 'some-model') {
    const baseURL = standIn.baseURL(provider);
    const connection = { provider: providerNamed(provider), baseURL, apiKey: null };
    return callModel({ model, ...request }, connection);
  }

  test('listens on this machine only', () => {
    expect(standIn.baseURL('openai')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
  });

  test('says that its answer is scripted and which model it stands for', async () => {
    const [gpt, claude] = await Promise.all([
      ask('openai', { prompt: 'Why is the sky blue?' }, 'gpt-5-mini'),
      ask('anthropic', { prompt: 'Why is the sky blue?' }, 'claude-haiku-4-5'),
    ]);
    expect(gpt.output).toMatch(/^Scripted answer of gpt-5-mini: no model is running/);
    expect(gpt.output).toContain('Why is the sky blue?');
    expect(claude.output).toMatch(/^Scripted answer of claude-haiku-4-5: /);
    expect(gpt.usage.inputTokens).toBeGreaterThan(0);
    expect(gpt.usage.outputTokens).toBeGreaterThan(0);
  });

  test('gives the same answer to the same request', async () => {
    const one = await ask('openai', { prompt: 'Hello' });
    const two = await ask('openai', { prompt: 'Hello' });
    expect(two.output).toEqual(one.output);
    expect(two.usage).toEqual(one.usage);
  });

  test.each(providers.map(({ name }) => name))(
    'answers an output schema, whichever way %s is given it',
    async (provider) => {
      const schema = {
        type: 'object',
        properties: {
          ranking: { type: 'array', items: { type: 'string' } },
          why: { type: 'string' },
          score: { type: 'number', minimum: 0, maximum: 1 },
        },
        required: ['ranking', 'why', 'score'],
        additionalProperties: false,
      };
      const { output } = await ask(provider, { prompt: 'x', output: { name: 'verdict', schema } });
      expect(output).toEqual({
        ranking: ['Scripted ranking 1', 'Scripted ranking 2', 'Scripted ranking 3'],
        why: 'Scripted why of some-model',
        score: expect.any(Number),
      });
    },
  );

  test('answers a schema whose root is no object', async () => {
    const schema = { type: 'array', items: { enum: ['a', 'b'] }, minItems: 2, maxItems: 2 };
    const { output } = await ask('openai', { prompt: 'x', output: { name: 'list', schema } });
    expect(output).toEqual(['a', 'b']);
  });

  test('answers a thousand calls at once', async () => {
    const calls = Array.from({ length: 1000 }, (_, i) => ask('openai', { prompt: `call ${i}` }));
    const results = await Promise.all(calls);
    results.forEach(({ output }, i) => {
      expect(output).toContain(`"call ${i}"`);
    });
  });
});

test('a stand-in takes its time, each model its own, and answers others meanwhile', async () => {
  const standIn = await startStandIn({ latency: (model) => (model === 'slow' ? 600 : 50) });
  const provider = providerNamed('openai');
  const connection = { provider, baseURL: standIn.baseURL('openai'), apiKey: null };
  const answered: string[] = [];
  const [slow] = await Promise.all(
    ['slow', 'quick'].map(async (model) => {
      const result = await callModel({ model, prompt: 'x' }, connection);
      answered.push(model);
      return result;
    }),
  );
  await standIn.close();
  expect(answered).toEqual(['quick', 'slow']);
  expect(slow?.latency).toBeGreaterThanOrEqual(595);
});

test('a stand-in that is closed answers nobody', async () => {
  const standIn = await startStandIn({ latency: 0 });
  await standIn.close();
  const provider = providerNamed('openai');
  const connection = { provider, baseURL: standIn.baseURL('openai'), apiKey: null };
  await expect(callModel({ model: 'm', prompt: 'x' }, connection)).rejects.toMatchObject({
    name: 'Model.Unavailable',
  });
});
