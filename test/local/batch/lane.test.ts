import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { compileWorkflow } from '../../../lib/asl/compile.ts';
import { any, each, gather, model, type Workflow, workflow } from '../../../lib/index.ts';
import { createLocalRunner, type LocalRunnerOptions } from '../../../lib/local/local-runner.ts';
import type { Lane } from '../../../lib/model/lane.ts';
import { isTokens } from '../../../lib/run/token-event.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { startProvider } from './provider.ts';

function runnerOf(flows: readonly Workflow[], options: Partial<LocalRunnerOptions> = {}) {
  const runner = createLocalRunner({
    workflows: flows.map(compileWorkflow),
    folder: temporaryFolder(),
    environment: {},
    standIn: { latency: 20, batchLatency: 200 },
    ...options,
  });
  onTestFinished(() => runner.close());
  return runner;
}

async function finished(runner: ReturnType<typeof runnerOf>, name: string, input = {}) {
  const { id } = await runner.start(name, input);
  const events = [];
  for await (const event of runner.events(name, id)) events.push(event);
  return { run: await runner.get(name, id), events };
}

const none = z.object({});
const output = z.object({ ranking: z.array(z.string()), why: z.string() });

async function panel(lane: Lane): Promise<Workflow> {
  const ask = model({ model: 'openai:gpt-5-mini', instructions: 'Be short.', lane });
  const judge = model({ model: 'openai:gpt-5', output, lane });
  return workflow('panel', { input: none }, async () => {
    const answers = await gather({ a: ask({ prompt: 'What?' }), b: ask({ prompt: 'Why?' }) });
    return { answers, verdict: await judge({ prompt: `Rank: ${answers}` }) };
  });
}

const items = z.object({ items: z.array(z.string()) });
const ask = model({ model: 'openai:gpt-5-mini', lane: 'batch' });
const fanOut = () =>
  workflow('fan', { input: items }, async ({ items: all }) =>
    each(all, (item) => ask({ prompt: item }), { name: 'all' }),
  );
const numbered = (of: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${of} ${index}`);

describe('the lane', () => {
  it('changes no result of a workflow, and halves what it costs', { timeout: 30_000 }, async () => {
    const { run: sync } = await finished(runnerOf([await panel('sync')]), 'panel');
    const { run: batch, events } = await finished(runnerOf([await panel('batch')]), 'panel');
    expect(batch).toMatchObject({ status: 'SUCCEEDED' });
    expect(batch.status === 'SUCCEEDED' && batch.output).toEqual(
      sync.status === 'SUCCEEDED' && sync.output,
    );
    expect(batch.usage).toEqual(sync.usage);
    expect(batch.price?.usd).toBeCloseTo((sync.price?.usd ?? Number.NaN) / 2, 10);
    const steps = (run: typeof sync) => run.steps.map(({ name, usage }) => [name, usage]);
    expect(steps(batch)).toEqual(steps(sync));
    expect(JSON.stringify(events)).toContain('\\"taskToken\\":\\"[task token]\\"');
  });

  it('sends the calls of two runs together, fifty each, and answers each its own', {
    timeout: 60_000,
  }, async () => {
    const provider = await startProvider({ latency: () => 500 });
    const runner = runnerOf([await fanOut()], { environment: provider.environment });
    const runs = await Promise.all(
      ['red', 'blue'].map((word) => finished(runner, 'fan', { items: numbered(word, 50) })),
    );
    for (const [index, { run }] of runs.entries()) {
      const word = ['red', 'blue'][index] ?? '';
      const answers = (run.status === 'SUCCEEDED' ? run.output : []) as string[];
      expect(answers).toHaveLength(50);
      for (const [place, answer] of answers.entries()) expect(answer).toContain(`${word} ${place}`);
    }
    // A few, on a machine that is busy: a batch waits five seconds for its last call.
    expect(provider.meter.created).toBeLessThanOrEqual(8);
    expect(provider.meter.answered.size).toBe(100);
    expect([...new Set(provider.meter.answered.values())]).toEqual([1]);
    expect(provider.sync.calls).toBe(0);
    const used = runs.reduce((sum, { run }) => sum + run.usage.totalTokens, 0);
    expect(used).toBe(provider.meter.tokens);
    await expect.poll(() => provider.meter.files, { timeout: 20_000 }).toBe(0);
  });
});

const one = (options: object = {}) =>
  workflow('one', { input: none }, async () =>
    model({ model: 'openai:gpt-5-mini', lane: 'batch', ...options })({ prompt: 'canary-prompt' }),
  );

describe('a call in a batch', () => {
  it('that no batch has answered in time is called in sync, at the whole price', {
    timeout: 60_000,
  }, async () => {
    const provider = await startProvider({ latency: () => 60_000 });
    const { environment } = provider;
    const runner = runnerOf([await one({ timeout: 8 })], { environment });
    const { run: late } = await finished(runner, 'one');
    const sync = await one({ lane: 'sync' });
    const { run: usual } = await finished(runnerOf([sync], { environment }), 'one');
    expect(late).toMatchObject({
      status: 'SUCCEEDED',
      usage: usual.usage,
      price: usual.price,
      steps: [
        {
          name: 'gpt-5-mini',
          attempts: 2,
          error: { name: 'Model.BatchExpired' },
          price: usual.price,
        },
      ],
    });
    expect(provider.sync.calls).toBe(2);
    // Nobody waits for the batch any more.
    await expect.poll(() => provider.meter.cancelled, { timeout: 10_000 }).toBe(1);
    expect(provider.meter.created).toBe(1);
    expect(provider.meter.answered.size).toBe(0);
  });

  it('that is watched tells the words of its sync call by its own name', {
    timeout: 30_000,
  }, async () => {
    const runner = runnerOf([await one({ timeout: 8 })], {
      standIn: { latency: 300, batchLatency: 60_000 },
    });
    const { id } = await runner.start('one', {}, { watch: true });
    const told = new Set<string>();
    for await (const each of runner.events('one', id, { afterTokens: 0 })) {
      if (isTokens(each)) told.add(each.step);
    }
    expect(await runner.get('one', id)).toMatchObject({ status: 'SUCCEEDED' });
    expect([...told]).toEqual(['gpt-5-mini']);
  });

  it('whose sync call has failed is redriven there, and stays one step', {
    timeout: 30_000,
  }, async () => {
    const provider = await startProvider({ latency: () => 60_000, refuses: 1 });
    const { environment } = provider;
    const runner = runnerOf([await one({ timeout: 4 })], { environment });
    const { run: failed } = await finished(runner, 'one');
    expect(failed).toMatchObject({ status: 'FAILED', error: 'Model.Rejected' });
    await runner.redrive('one', failed.id);
    for await (const _ of runner.events('one', failed.id));
    const run = await runner.get('one', failed.id);
    expect(run.status).toBe('SUCCEEDED');
    expect(run.steps.map(({ name, status }) => [name, status])).toEqual([
      ['gpt-5-mini', 'SUCCEEDED'],
    ]);
    expect(provider.meter.created).toBeLessThanOrEqual(1);
    expect(provider.sync.calls).toBe(2);
  });

  it('goes to any provider and server that has batches, with no key to the stand-in', {
    timeout: 30_000,
  }, async () => {
    const provider = await startProvider({ latency: () => 100 });
    const groq = await finished(
      runnerOf([await one({ model: 'groq:llama-3.3-70b-versatile' })]),
      'one',
    );
    expect(groq.run).toMatchObject({ status: 'SUCCEEDED', steps: [{ attempts: 1 }] });
    const baseURL = provider.environment.OPENAI_BASE_URL;
    const own = await finished(runnerOf([await one({ model: 'm', baseURL })]), 'one');
    expect(own.run).toMatchObject({ status: 'SUCCEEDED', steps: [{ attempts: 1 }], price: null });
    expect(provider.meter.created).toBe(1);
  });

  it('that loses takes its batch back from the provider, while the run goes on', {
    timeout: 30_000,
  }, async () => {
    const provider = await startProvider({
      latency: () => 60_000,
      until: (batches) => expect.poll(() => batches.created, { timeout: 20_000 }).toBe(1),
    });
    const quick = model({ model: 'openai:gpt-5', name: 'quick' });
    const late = model({ model: 'openai:gpt-5-mini', lane: 'batch' });
    const wait = model({ model: 'openai:gpt-5-nano', lane: 'batch' });
    const flow = await workflow('fastest', { input: none }, async () => {
      const given = await any({
        slow: late({ prompt: 'Later.' }),
        fast: quick({ prompt: 'Now.' }),
      });
      return [given, await wait({ prompt: 'And then?' })];
    });
    const runner = runnerOf([flow], { environment: provider.environment });
    const { id } = await runner.start('fastest', {});
    await expect.poll(() => provider.meter.cancelled, { timeout: 15_000 }).toBe(1);
    await expect.poll(() => provider.meter.created, { timeout: 15_000 }).toBe(2);
    expect(await runner.get('fastest', id)).toMatchObject({ status: 'RUNNING' });
    // A stop cancels what is left.
    await runner.stop('fastest', id);
    await expect.poll(() => provider.meter.cancelled, { timeout: 15_000 }).toBe(2);
    await expect.poll(() => provider.meter.files, { timeout: 15_000 }).toBe(0);
  });

  it('of a run that is stopped before its batch went is never given', {
    timeout: 20_000,
  }, async () => {
    const provider = await startProvider({ latency: () => 60_000 });
    const runner = runnerOf([await one()], { environment: provider.environment });
    const { id } = await runner.start('one', {});
    for await (const { type } of runner.events('one', id)) if (type === 'TaskSubmitted') break;
    await runner.stop('one', id);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(provider.meter).toMatchObject({ uploaded: 0, created: 0 });
  });

  it('is taken back when the runner is closed', { timeout: 20_000 }, async () => {
    const provider = await startProvider({ latency: () => 60_000 });
    const runner = runnerOf([await one()], { environment: provider.environment });
    await runner.start('one', {});
    await expect.poll(() => provider.meter.created, { timeout: 10_000 }).toBe(1);
    await runner.close();
    expect(provider.meter.cancelled).toBe(1);
  });

  it('stays in a batch that others wait for, when its own run is stopped', {
    timeout: 30_000,
  }, async () => {
    const provider = await startProvider({ latency: () => 3_000 });
    const runner = runnerOf([await one()], { environment: provider.environment });
    const [a, b] = await Promise.all([runner.start('one', {}), runner.start('one', {})]);
    await expect.poll(() => provider.meter.created, { timeout: 10_000 }).toBe(1);
    await runner.stop('one', a.id);
    for await (const _ of runner.events('one', b.id));
    expect(await runner.get('one', b.id)).toMatchObject({ status: 'SUCCEEDED' });
    expect(provider.meter).toMatchObject({ created: 1, cancelled: 0 });
    await expect.poll(() => provider.meter.files, { timeout: 15_000 }).toBe(0);
  });

  it('whose answer breaks its schema is asked for again, in another batch', {
    timeout: 30_000,
  }, async () => {
    const answers = ['no JSON', '{"ranking": ["a"], "why": "b"}'];
    const provider = await startProvider({
      latency: () => 100,
      reply: () => answers.shift() ?? '',
    });
    const { run } = await finished(
      runnerOf([await one({ output })], { environment: provider.environment }),
      'one',
    );
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      output: { ranking: ['a'], why: 'b' },
      usage: { totalTokens: provider.meter.tokens },
    });
    expect(provider.meter.created).toBe(2);
  });

  it("tells the provider's refusal of one call by its name, and answers the others", {
    timeout: 30_000,
  }, async () => {
    const provider = await startProvider({
      latency: () => 100,
      line: ({ body }) =>
        JSON.stringify(body).includes('bad')
          ? { status: 400, body: { error: { message: 'canary', code: 'invalid_prompt' } } }
          : undefined,
    });
    const flow = await workflow('both', { input: none }, async () =>
      gather(
        { good: ask({ prompt: 'good' }), bad: ask({ prompt: 'bad' }) },
        {
          returnExceptions: true,
        },
      ),
    );
    const runner = runnerOf([flow], { environment: provider.environment });
    const { run } = await finished(runner, 'both');
    expect(run).toMatchObject({
      output: {
        good: { status: 'fulfilled' },
        bad: { status: 'rejected', reason: { error: 'Model.Rejected' } },
      },
    });
    expect(JSON.stringify(run)).not.toContain('canary');
  });
});
