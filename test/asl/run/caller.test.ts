import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { each, gather, model, type Workflow, workflow } from '../../../lib/index.ts';
import { isCaller } from '../../../lib/model/caller.ts';
import { ModelError } from '../../../lib/model/errors.ts';
import type { ModelRequest } from '../../../lib/model/request.ts';
import { testRun } from '../../../lib/testing/index.ts';

const input = z.object({ names: z.array(z.string()).default(['a', 'b']) });
const ask = model({ model: 'openai:m' });

/** The callers of a run's model calls, in the order of the calls, the first failing with that name. */
async function callers(flow: Workflow, failing?: 'Model.RateLimited' | 'Model.Unavailable') {
  let calls = 0;
  const { calls: made, status } = await testRun(flow, {
    model: {
      async answer() {
        calls += 1;
        if (calls > 1 || failing === undefined) return answered;
        throw new ModelError(failing, 'It failed.', { provider: 'openai', model: 'm' });
      },
    },
  });
  expect(status).toBe('SUCCEEDED');
  return made.map(({ request }) => {
    expect(isCaller(request.caller)).toBe(true);
    return request.caller as NonNullable<ModelRequest['caller']>;
  });
}

const usage = {
  inputTokens: 1,
  outputTokens: 1,
  totalTokens: 2,
  cachedInputTokens: 0,
  reasoningTokens: 0,
};
const answered = {
  object: 'model.result' as const,
  output: 'x',
  toolCalls: [],
  usage,
  price: null,
  model: 'm',
  provider: 'openai',
  finishReason: 'stop',
  requestId: null,
  attempts: 1,
  latency: 0,
};

describe('a model call', () => {
  it('is told its run, its step and when that was entered', async () => {
    const flow = await workflow('flow', { input }, async () =>
      gather({ one: ask({ prompt: 'x' }), other: ask({ prompt: 'x' }).retry({}) }),
    );
    const state = { EnteredTime: '2026-01-01T00:00:00.000Z', RetryCount: 0 };
    const told = await callers(flow);
    expect(told.sort(([, , a], [, , b]) => b.Name.length - a.Name.length)).toEqual([
      ['test', 'flow', { Name: 'other', ...state }],
      ['test', 'flow', { Name: 'one', ...state }],
    ]);
  });

  it('is told how often it was retried, and when it came back after a wait', async () => {
    const flow = await workflow('flow', { input }, async () => ask({ prompt: 'x' }));
    const retried = await callers(flow, 'Model.Unavailable');
    expect(retried.map(([, , state]) => state.RetryCount)).toEqual([0, 1]);
    expect(retried[1]?.[2].EnteredTime).toBe(retried[0]?.[2].EnteredTime);
    const waited = await callers(flow, 'Model.RateLimited');
    expect(waited.map(([, , state]) => state.RetryCount)).toEqual([0, 0]);
    expect(waited[1]?.[2].EnteredTime).not.toBe(waited[0]?.[2].EnteredTime);
  });

  it.each([false, true])('is told the index of its item; distributed: %s', async (distributed) => {
    const flow = await workflow('flow', { input }, async ({ names }) =>
      each(names, (name) => ask({ prompt: name }).named('note'), { distributed }),
    );
    const told = await callers(flow);
    expect(told.map(([run, , { Name }, item]) => [run, Name, item])).toEqual([
      ['test', 'note', 0],
      ['test', 'note', 1],
    ]);
  });
});
