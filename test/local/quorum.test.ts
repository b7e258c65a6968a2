import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { compileWorkflow, quorum, task, workflow } from '../../lib/index.ts';
import { createLocalRunner, type LocalRunner } from '../../lib/local/local-runner.ts';
import { RunStore } from '../../lib/local/store/run-store.ts';
import type { StoredRun } from '../../lib/local/store/stored-run.ts';
import type { Run } from '../../lib/run/run.ts';
import { startCountingServer } from './crash/counting-server.ts';
import { temporaryFolder } from './store/temporary-folder.ts';

type Counted = (input: { url: string; step: string }) => Promise<{ answer: string }>;
const counted = task<Counted>('test/fixtures/functions/counted.ts');
const input = z.object({ url: z.string() });

/** Two of three: 'quick' is done long before the slow ones. */
const voting = compileWorkflow(
  await workflow('voting', { input }, async ({ url }) =>
    quorum(2, {
      quick: counted({ url, step: 'quick' }),
      one: counted({ url, step: 'slow' }),
      two: counted({ url, step: 'slow' }),
    }),
  ),
);

/** Three of four, of which two fail. */
const failing = compileWorkflow(
  await workflow('failing', { input }, async ({ url }) =>
    quorum(3, {
      quick: counted({ url, step: 'quick' }),
      also: counted({ url, step: 'also' }),
      never: counted({ url: 'http://127.0.0.1:9', step: 'never' }).retry({ maxAttempts: 0 }),
      flaky: counted({ url, step: 'flaky' }).retry({ maxAttempts: 0 }),
    }),
  ),
);

const fulfilled = (step: string) => ({
  status: 'fulfilled',
  value: { answer: `answer of ${step}` },
});

function open(folder: string): LocalRunner {
  const workflows = [voting, failing];
  const runner = createLocalRunner({ workflows, folder, environment: {} });
  onTestFinished(() => runner.close());
  return runner;
}

async function ended(runner: LocalRunner, { workflow: name, id }: Run): Promise<Run> {
  for await (const _ of runner.events(name, id));
  return runner.get(name, id);
}

async function server() {
  const started = await startCountingServer();
  onTestFinished(() => started.close());
  return started;
}

/** One of the slow ones has met the quorum, and the other was stopped. */
function checkVotes(output: unknown): void {
  const { quick, one, two } = output as Record<string, { status: string }>;
  expect(quick).toEqual(fulfilled('quick'));
  const stopped = expect.objectContaining({
    reason: expect.objectContaining({ error: 'Gather.Stopped' }),
  });
  expect([one, two]).toEqual(expect.arrayContaining([fulfilled('slow'), stopped]));
}

describe('a quorum on this machine', () => {
  it('keeps what was counted where another process redrives the run', async () => {
    const { url, calls } = await server();
    const folder = temporaryFolder();
    const first = open(folder);
    const { id } = await first.start('voting', { url });
    for await (const { type, details } of first.events('voting', id)) {
      if (type === 'TaskStateExited' && details?.name === 'quick counts') break;
    }
    await first.stop('voting', id);
    await first.close();

    const second = open(folder);
    const run = await ended(second, await second.redrive('voting', id));
    expect(run.status).toBe('SUCCEEDED');
    checkVotes('output' in run && run.output);
    expect(calls.filter((step) => step === 'quick')).toHaveLength(1);
  });

  it('gives the same after a crash at any event', async () => {
    const { url, calls } = await server();
    const folder = temporaryFolder();
    const first = open(folder);
    await ended(first, await first.start('voting', { url }, { id: 'whole' }));
    await first.close();
    const store = new RunStore(folder);
    onTestFinished(() => store.close());
    const { key, started } = store.find('voting', 'whole') as StoredRun;
    const events = store.events(key);
    const program = { workflow: voting };
    const cuts = events.map((_, cut) => `cut-${cut}`);
    for (const [cut, id] of cuts.entries()) {
      const run = { workflow: 'voting', id, started, input: JSON.stringify({ url }), program };
      const added = store.add({ ...run, owner: 'dead' });
      // A tally is that of an execution, and this is another one.
      const past = JSON.stringify(events.slice(0, cut)).replaceAll(':whole#', `:${id}#`);
      if (added && cut > 0) store.write(new Map([[added.key, JSON.parse(past)]]));
    }

    const second = open(folder);
    const before = calls.length;
    for (const id of cuts) {
      const run = await ended(second, await second.resume('voting', id));
      expect([id, run.status]).toEqual([id, 'SUCCEEDED']);
      checkVotes('output' in run && run.output);
    }
    const quickDone = events.findIndex(
      ({ type, details }) =>
        type === 'LambdaFunctionSucceeded' && details?.output?.includes('quick'),
    );
    const again = calls.slice(before).filter((step) => step === 'quick');
    // Only where its answer was not recorded is it called again.
    expect(again).toHaveLength(quickDone + 1);
  }, 120_000);

  it('fails again when it is redriven: what was lost stays lost', async () => {
    const { url, calls } = await server();
    const runner = open(temporaryFolder());
    const failed = await ended(runner, await runner.start('failing', { url }));
    expect(failed).toMatchObject({ status: 'FAILED', error: 'GatherFailed' });
    const called = calls.length;
    const redriven = await ended(runner, await runner.redrive('failing', failed.id));
    expect(redriven).toMatchObject({ status: 'FAILED', error: 'GatherFailed' });
    expect('cause' in redriven && redriven.cause).toBe('cause' in failed && failed.cause);
    expect(calls.length).toBe(called);
  });
});
