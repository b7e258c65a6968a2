import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { gather, model, type Workflow, workflow } from '../../lib/index.ts';
import type { Lane } from '../../lib/model/lane.ts';
import { scriptedModel, testRun } from '../../lib/testing/index.ts';

async function panel(lane: Lane): Promise<Workflow> {
  const ask = model({ model: 'openai:gpt-5-mini', instructions: 'Be short.', lane });
  const list = model({ model: 'openai:gpt-5', output: z.array(z.string()), lane });
  return workflow('panel', { input: z.object({}) }, async () => {
    const answers = await gather({
      a: ask({ prompt: 'What?' }),
      b: ask({ messages: [{ role: 'user', content: 'Why?' }] }),
    });
    return { answers, names: await list({ prompt: `Names in ${answers.a}` }) };
  });
}

describe("a test of a workflow whose models have the lane 'http'", () => {
  it('has the results, the price and the calls of every lane', async () => {
    const [sync, http] = await Promise.all([
      testRun(await panel('sync')),
      testRun(await panel('http')),
    ]);
    expect(http).toMatchObject({ status: 'SUCCEEDED', transitions: sync.transitions });
    expect(http.output).toEqual(sync.output);
    expect(http.run.price).toEqual(sync.run.price);
    expect(http.run.usage.totalTokens).toBeGreaterThan(0);
    expect(http.calls.map(({ request }) => request.prompt)).toEqual(
      expect.arrayContaining(['What?', 'Why?']),
    );
  });

  it('fails as its model fails, by the name of the lanes', async () => {
    const names = [
      'Model.RateLimited',
      'Model.Rejected',
      'Model.Truncated',
      'Model.Timeout',
    ] as const;
    for (const name of names) {
      const failing = scriptedModel({ faults: { [name]: 1 } });
      const { error, status } = await testRun(await panel('http'), { model: failing });
      expect({ error, status }).toEqual({ error: name, status: 'FAILED' });
    }
  });

  it('takes an answer that the test gives, with a list as it is', async () => {
    const scripted = scriptedModel({
      answer: ({ output }) => (output === undefined ? 'Ada, Bob' : ['Ada', 'Bob']),
    });
    const { output } = await testRun(await panel('http'), { model: scripted });
    expect(output).toMatchObject({ answers: { a: 'Ada, Bob' }, names: ['Ada', 'Bob'] });
  });
});
