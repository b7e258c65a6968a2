import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { compileWorkflow } from '../../../lib/asl/compile.ts';
import type { HistoryEvent } from '../../../lib/engine/history/event.ts';
import { any, each, gather, model, type Workflow, workflow } from '../../../lib/index.ts';
import { createLocalRunner, type LocalRunnerOptions } from '../../../lib/local/local-runner.ts';
import type { Lane } from '../../../lib/model/lane.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { startProvider } from './provider.ts';

function runnerOf(flow: Workflow, options: Partial<LocalRunnerOptions> = {}) {
  const runner = createLocalRunner({
    workflows: [compileWorkflow(flow)],
    folder: temporaryFolder(),
    environment: {},
    standIn: { latency: 20 },
    ...options,
  });
  onTestFinished(() => runner.close());
  return runner;
}

async function finished(flow: Workflow, options: Partial<LocalRunnerOptions> = {}) {
  const runner = runnerOf(flow, options);
  const { name } = flow.graph;
  const { id } = await runner.start(name, {});
  const events = [];
  for await (const event of runner.events(name, id)) events.push(event);
  return { run: await runner.get(name, id), events };
}

const output = z.object({ ranking: z.array(z.string()), why: z.string() });

async function panel(lane: Lane): Promise<Workflow> {
  const ask = model({ model: 'openai:gpt-5-mini', instructions: 'Be short.', lane });
  const judge = model({ model: 'openai:gpt-5', output, lane });
  return workflow('panel', { input: z.object({}) }, async () => {
    const answers = await gather({ a: ask({ prompt: 'What?' }), b: ask({ prompt: 'Why?' }) });
    return { answers, verdict: await judge({ prompt: `Rank: ${answers}` }) };
  });
}

describe('the lane', () => {
  it('changes neither the results of a workflow nor what they cost', {
    timeout: 20_000,
  }, async () => {
    const { run: sync } = await finished(await panel('sync'));
    const { run: background } = await finished(await panel('background'));
    expect(background).toMatchObject({ status: 'SUCCEEDED' });
    expect(background.status === 'SUCCEEDED' && background.output).toEqual(
      sync.status === 'SUCCEEDED' && sync.output,
    );
    expect(background.usage).toEqual(sync.usage);
    expect(background.price).toEqual(sync.price);
    expect(background.steps.map(({ name, usage }) => [name, usage])).toEqual(
      sync.steps.map(({ name, usage }) => [name, usage]),
    );
  });
});

describe('a call in the background', () => {
  it('is answered by a webhook, and runs nothing while the model thinks', async () => {
    const flow = await workflow('long', { input: z.object({}) }, async () =>
      model({ model: 'openai:gpt-5-mini', lane: 'background' })({ prompt: 'Think.' }),
    );
    const { events } = await finished(flow, { standIn: { latency: 1_500 } });
    const at = (type: string) =>
      events.find((event) => event.type === type)?.timestamp ?? Number.NaN;
    expect(JSON.stringify(events)).toContain('\\"taskToken\\":\\"[task token]\\"');
    // The function has ended, and the state waits on.
    expect(at('TaskSubmitted') - at('TaskStarted')).toBeLessThan(1_000);
    expect(at('TaskSucceeded') - at('TaskSubmitted')).toBeGreaterThan(1_000);
  });

  it('whose result is larger than its share is put aside by the webhook, and given whole', {
    timeout: 30_000,
  }, async () => {
    const text = 'é€"\\ '.repeat(4_000);
    const ask = model({
      model: 'openai:gpt-5-mini',
      lane: 'background',
      output: z.object({ text: z.enum([text]) }),
    });
    const input = z.object({ items: z.array(z.string()) });
    const flow = await workflow('large', { input }, async ({ items }) =>
      each(items, (item) => ask({ prompt: `Say it for ${item}.` })),
    );
    const folder = temporaryFolder();
    const runner = runnerOf(flow, { folder });
    const items = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const { id } = await runner.start('large', { items });
    const events: HistoryEvent[] = [];
    for await (const event of runner.events('large', id)) events.push(event);
    expect(await runner.get('large', id)).toMatchObject({
      status: 'SUCCEEDED',
      output: items.map(() => ({ text })),
    });
    // Together they are over 256 KiB; of the same content one is kept.
    const aside = readdirSync(path.join(folder, 'payloads'), { recursive: true });
    expect(aside.length).toBeGreaterThan(0);
    const times = (type: string) =>
      events.filter((event) => event.type === type).map(({ timestamp }) => timestamp);
    expect(times('TaskSucceeded')).toHaveLength(items.length);
    // The first look comes after 10 seconds: webhooks have brought them.
    const [first = 0] = times('TaskSubmitted');
    expect(Math.max(...times('TaskSucceeded')) - first).toBeLessThan(9_000);
  });

  it('that loses is cancelled at the provider, while the run goes on', async () => {
    const provider = await startProvider({
      latency: (name) => (name === 'gpt-5-mini' ? 10 : 60_000),
    });
    const ask = (name: string) => model({ model: `openai:${name}`, lane: 'background' });
    const flow = await workflow('fastest', { input: z.object({}) }, async () => {
      const won = await any({
        fast: ask('gpt-5-mini')({ prompt: 'Now.' }),
        slow: ask('gpt-5')({ prompt: 'Later.' }),
      });
      return [won, await ask('gpt-5')({ prompt: 'And then?' })];
    });
    const runner = runnerOf(flow, { environment: provider.environment });
    const { id } = await runner.start('fastest', {});
    await expect.poll(() => provider.meter.cancelled, { timeout: 10_000 }).toBe(1);
    await expect.poll(() => provider.meter.submitted, { timeout: 10_000 }).toBe(3);
    expect(await runner.get('fastest', id)).toMatchObject({ status: 'RUNNING' });
    // A stop cancels what is left.
    await runner.stop('fastest', id);
    await expect.poll(() => provider.meter.cancelled, { timeout: 10_000 }).toBe(2);
    expect(provider.meter.completed).toBe(1);
  });

  it('is cancelled at the provider when its time is over, and fails by the name of the lanes', async () => {
    const provider = await startProvider({ latency: () => 60_000 });
    const ask = model({ model: 'openai:gpt-5-mini', lane: 'background', timeout: 1 });
    const flow = await workflow('late', { input: z.object({}) }, async () =>
      ask({ prompt: 'Think.' }).retry({ on: ['Model.Unavailable'] }),
    );
    const { run } = await finished(flow, { environment: provider.environment });
    expect(run).toMatchObject({ status: 'FAILED', error: 'Model.Timeout' });
    expect(provider.meter.cancelled).toBe(1);
  });

  it('is cancelled when the runner is closed', async () => {
    const provider = await startProvider({ latency: () => 60_000 });
    const flow = await workflow('closed', { input: z.object({}) }, async () =>
      model({ model: 'openai:gpt-5-mini', lane: 'background' })({ prompt: 'Think.' }),
    );
    const runner = runnerOf(flow, { environment: provider.environment });
    await runner.start('closed', {});
    await expect.poll(() => provider.meter.submitted).toBe(1);
    await runner.close();
    expect(provider.meter.cancelled).toBe(1);
  });
});
