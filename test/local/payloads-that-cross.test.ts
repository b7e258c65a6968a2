import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { CompiledWorkflow } from '../../lib/asl/compiled.ts';
import { call, compileWorkflow, gather, model, quorum, task, workflow } from '../../lib/index.ts';
import type { Json } from '../../lib/json.ts';
import { createLocalRunner, type LocalRunner } from '../../lib/local/local-runner.ts';
import type { Run } from '../../lib/run/run.ts';
import * as large from '../fixtures/functions/large.ts';
import { startProvider } from './background/provider.ts';
import { startCountingServer } from './crash/counting-server.ts';
import { largeWorkflows } from './crash/large-workflows.ts';
import { temporaryFolder } from './store/temporary-folder.ts';

const entry = 'test/fixtures/functions/large.ts';
const write = task<typeof large.text>(entry, { handler: 'text' });
// biome-ignore lint/suspicious/noExplicitAny: it measures what it is given.
const measure = task<(given: any) => large.Measure>(entry, { handler: 'measure' });
const none = z.object({});

function open(
  workflows: readonly CompiledWorkflow[],
  environment: Record<string, string> = {},
  folder = temporaryFolder(),
) {
  const runner = createLocalRunner({ workflows, folder, environment });
  onTestFinished(() => runner.close());
  return { runner, folder };
}

async function ended(runner: LocalRunner, name: string, id: string): Promise<Run> {
  for await (const _ of runner.events(name, id));
  return runner.get(name, id);
}

async function run(runner: LocalRunner, name: string, input: Json = {}): Promise<Run> {
  return ended(runner, name, (await runner.start(name, input)).id);
}

/** What 'outer' gives, by the functions themselves. */
function wholeOutput() {
  const made = large.page({ bytes: 300_000, word: 'outer ' });
  const own = large.page({ bytes: 250_000, word: 'inner ' });
  const child = { own, given: made, measured: large.measure({ own, given: made }) };
  return { made, child, measured: large.measure({ made, child }) };
}

/** The largest text of a run's history, in bytes. */
async function largestIn(runner: LocalRunner, name: string, id: string): Promise<number> {
  let most = 0;
  for await (const { details = {} } of runner.events(name, id)) {
    for (const value of Object.values(details)) {
      most = Math.max(most, Buffer.byteLength(JSON.stringify(value)));
    }
  }
  return most;
}

describe('a large value', () => {
  it('crosses into an execution of its own and back, as a reference, and is whole in both', async () => {
    const server = await startCountingServer();
    onTestFinished(() => server.close());
    const { runner, folder } = open(largeWorkflows);
    const { id } = await runner.start('outer', { url: server.url });
    expect(await ended(runner, 'outer', id)).toMatchObject({
      status: 'SUCCEEDED',
      output: wholeOutput(),
    });
    const [child] = await runner.list('inner');
    const inner = await runner.get('inner', child!.id);
    expect(inner).toMatchObject({ status: 'SUCCEEDED', output: wholeOutput().child });
    expect(await largestIn(runner, 'outer', id)).toBeLessThan(20_000);
    expect(await largestIn(runner, 'inner', child!.id)).toBeLessThan(20_000);
    // One lineage, and each value once.
    expect(readdirSync(path.join(folder, 'payloads'))).toEqual([id]);
    expect(readdirSync(path.join(folder, 'payloads', id))).toHaveLength(2);
  });

  it('crosses out of several executions at once', async () => {
    const input = z.object({ word: z.string() });
    const writer = await workflow('writer', { input }, async ({ word }) =>
      write({ bytes: 400_000, word }),
    );
    const words = ['a', 'b', 'c', 'd', 'e'];
    const flow = await workflow('joins', { input: none }, async () =>
      gather(words.map((word) => call(writer, { word }, { execution: 'own' }))),
    );
    const { runner } = open([flow, writer].map(compileWorkflow));
    expect(await run(runner, 'joins')).toMatchObject({
      status: 'SUCCEEDED',
      output: words.map((word) => large.text({ bytes: 400_000, word })),
    });
  });

  it('is still there when a killed run is resumed, in the run and in the one that it started', {
    timeout: 60_000,
  }, async () => {
    const server = await startCountingServer();
    onTestFinished(() => server.close());
    const folder = temporaryFolder();
    const script = fileURLToPath(new URL('./crash/start-large.ts', import.meta.url));
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', script, server.url, folder, 'crash'],
      { stdio: 'inherit' },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    const over = once(child, 'exit');
    while (!server.calls.includes('slow')) await server.reached(server.calls.length + 1);
    child.kill('SIGKILL');
    await over;

    const { runner } = open(largeWorkflows, {}, folder);
    expect(await runner.get('outer', 'crash')).toMatchObject({ interrupted: true });
    await runner.resume('outer', 'crash');
    expect(await ended(runner, 'outer', 'crash')).toMatchObject({
      status: 'SUCCEEDED',
      output: wholeOutput(),
    });
    expect(server.calls.filter((step) => step === 'before')).toHaveLength(1);
    expect(server.calls.filter((step) => step === 'slow')).toHaveLength(2);
  });

  it.each([
    ['slots of 60 KB', 60_000],
    ['slots of 200 KB', 200_000],
  ])('leaves a quorum: %s', async (_, bytes) => {
    const voted = await workflow('voted', { input: none }, async () => {
      const slots = await quorum(
        3,
        Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((word) => [word, write({ bytes, word })])),
      );
      return { slots, measured: await measure(slots) };
    });
    const { runner } = open([compileWorkflow(voted)]);
    const { id } = await runner.start('voted', {});
    const made = await ended(runner, 'voted', id);
    expect(made).toMatchObject({ status: 'SUCCEEDED' });
    const { slots, measured } = (
      made as unknown as {
        output: { slots: Record<string, { status: string; value?: string }>; measured: object };
      }
    ).output;
    const fulfilled = Object.entries(slots).filter(([, { status }]) => status === 'fulfilled');
    expect(fulfilled.length).toBeGreaterThanOrEqual(3);
    for (const [word, slot] of fulfilled) expect(slot.value).toBe(large.text({ bytes, word }));
    expect(measured).toEqual(large.measure(slots));
    // A row of the table holds 400 KB, and the data of a state 256 KiB.
    expect(await largestIn(runner, 'voted', id)).toBeLessThan(256 * 1024);
  });

  it('is put aside from an answer in the background, and asked about in the background', {
    timeout: 60_000,
  }, async () => {
    const asked: string[] = [];
    const provider = await startProvider({
      latency: () => 50,
      reply: (body) => {
        asked.push(JSON.stringify(body.input));
        return large.text({ bytes: 150_000, word: `said "so" ${asked.length} ` });
      },
    });
    const ask = model({ model: 'openai:gpt-5-mini', lane: 'background' });
    const flow = await workflow('long', { input: none }, async () => {
      const given = await write({ bytes: 250_000, word: 'given ' });
      const both = await gather([ask({ prompt: `Read ${given}` }), ask({ prompt: given })]);
      return { both, third: await ask({ prompt: `Rank: ${both}` }) };
    });
    const { runner } = open([compileWorkflow(flow)], provider.environment);
    const made = await run(runner, 'long');
    expect(made).toMatchObject({ status: 'SUCCEEDED' });
    const { both, third } = (made as unknown as { output: { both: string[]; third: string } })
      .output;
    const reply = (n: number) => large.text({ bytes: 150_000, word: `said "so" ${n} ` });
    expect([...both].sort()).toEqual([reply(1), reply(2)]);
    expect(third).toBe(reply(3));
    const given = large.text({ bytes: 250_000, word: 'given ' });
    for (const text of asked.slice(0, 2)) expect(text).toContain(given);
    expect(asked[2]).toContain(JSON.stringify(JSON.stringify(both)).slice(1, -1));
    expect(asked.join()).not.toContain('[[payload ');
    const text = expect.stringMatching(/^\[\[payload text 1500\d\d /);
    expect(await runner.get('long', made.id, { references: true })).toMatchObject({
      output: { both: [text, text], third: text },
    });
    expect(await largestIn(runner, 'long', made.id)).toBeLessThan(20_000);
  });
});
