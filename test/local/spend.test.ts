import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { compileWorkflow } from '../../lib/asl/compile.ts';
import { each, gather, model, workflow } from '../../lib/index.ts';
import { createLocalRunner } from '../../lib/local/local-runner.ts';
import { priceOf } from '../../lib/model/prices.ts';
import { type ProviderOptions, startProvider } from '../../lib/testing/index.ts';
import { temporaryFolder } from './store/temporary-folder.ts';

const judge = model({
  model: 'openai:gpt-5-mini',
  output: z.object({ good: z.boolean() }),
  repairs: 2,
  timeout: 5,
});

/** Thirty calls at once against a provider with such faults. */
async function thirty(options: ProviderOptions) {
  const server = await startProvider(options);
  onTestFinished(() => server.close());
  const flow = await workflow('thirty', { input: z.object({}) }, async () =>
    gather(
      Array.from({ length: 30 }, (_, index) => judge({ prompt: `Is ${index} good?` })),
      { returnExceptions: true },
    ),
  );
  const environment = { OPENAI_BASE_URL: server.baseURL };
  const workflows = [compileWorkflow(flow)];
  const runner = createLocalRunner({ workflows, folder: temporaryFolder(), environment });
  onTestFinished(() => runner.close());
  const { id } = await runner.start('thirty', {});
  for await (const _ of runner.events('thirty', id));
  return { run: await runner.get('thirty', id), meter: server.meter };
}

test.each([1, 2])(
  'a run has used and paid what the provider counted, repairs and failed attempts included, seed %i',
  async (seed) => {
    const { run, meter } = await thirty({
      seed,
      faults: {
        'wrong schema': 0.2,
        'empty answer': 0.1,
        '500': 0.08,
        'invalid JSON': 0.05,
        reset: 0.05,
        'half a body': 0.05,
      },
    });
    expect(Object.keys(meter.faults).length).toBeGreaterThan(4);
    expect(meter.requests).toBeGreaterThan(30);
    expect(run.usage.totalTokens).toBe(meter.tokens);
    const price = priceOf('openai', 'gpt-5-mini', run.usage);
    expect(run.price?.usd).toBeCloseTo(price?.usd ?? 0, 9);
  },
);

test('a run whose calls all fail after they were paid for says what they cost', async () => {
  const { run, meter } = await thirty({ faults: { 'wrong schema': 1 } });
  expect(run.steps.filter(({ error }) => error?.name === 'Model.OutputInvalid')).toHaveLength(30);
  expect(meter.requests).toBe(90);
  expect(run.usage.totalTokens).toBe(meter.tokens);
  expect(run.price?.usd).toBeGreaterThan(0);
});

describe('a distributed each, whose items are executions of their own', () => {
  const input = z.object({ rows: z.array(z.array(z.string())) });
  const rows = Array.from({ length: 6 }, (_, row) => ['a', 'b', 'c'].map((of) => `${of}${row}`));

  async function distributed(options: ProviderOptions, nested: boolean) {
    const server = await startProvider(options);
    onTestFinished(() => server.close());
    const flow = await workflow('rows', { input, budget: { tokens: 1_000_000 } }, async (given) =>
      each(
        given.rows,
        (row) =>
          nested
            ? each(row, (text) => judge({ prompt: `Is ${text} good?` }), {
                ...{ distributed: true, returnExceptions: true },
              })
            : judge({ prompt: `Is ${row} good?` }),
        { distributed: true, returnExceptions: true },
      ),
    );
    const environment = { OPENAI_BASE_URL: server.baseURL };
    const setting = { workflows: [compileWorkflow(flow)], folder: temporaryFolder(), environment };
    const runner = createLocalRunner(setting);
    onTestFinished(() => runner.close());
    const { id } = await runner.start('rows', { rows });
    for await (const _ of runner.events('rows', id));
    return { run: await runner.get('rows', id), meter: server.meter, setting, id };
  }

  const faults = { 'wrong schema': 0.2, 'empty answer': 0.1, '500': 0.1 };

  test.each([
    [false, 6],
    [true, 18],
  ])('has used what the provider counted (nested: %s)', async (nested, calls) => {
    const { run, meter, setting, id } = await distributed({ faults }, nested);
    expect(meter.requests).toBeGreaterThan(calls);
    expect(run).not.toHaveProperty('spendIsWhole');
    expect(run.usage.totalTokens).toBe(meter.tokens);
    expect(run.price?.usd).toBeCloseTo(priceOf('openai', 'gpt-5-mini', run.usage)?.usd ?? 0, 9);
    expect(run.steps).toHaveLength(1);
    expect(run.steps[0]).toMatchObject({
      kind: 'gather',
      calls,
      usage: run.usage,
      price: run.price,
    });
    expect(run.budget?.tokens?.spent).toBeGreaterThanOrEqual(meter.tokens);
    // Another process tells the same.
    const later = createLocalRunner(setting);
    onTestFinished(() => later.close());
    expect(await later.get('rows', id)).toEqual(run);
  });
});
