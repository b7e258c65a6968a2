import { expect, it, onTestFinished } from 'vitest';
import type { CompiledWorkflow } from '../../../lib/asl/compiled.ts';
import { taskCallbacks } from '../../../lib/callback/task-callbacks.ts';
import type { HistoryEvent } from '../../../lib/engine/history/event.ts';
import { TaskTokens } from '../../../lib/engine/task/task-tokens.ts';
import { executionArn } from '../../../lib/local/execution-arn.ts';
import { createLocalRunner, type LocalRunner } from '../../../lib/local/local-runner.ts';
import { RunStore } from '../../../lib/local/store/run-store.ts';
import type { StoredRun } from '../../../lib/local/store/stored-run.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { parked, startWitness } from './parked-workflow.ts';

async function setUp(workflow: CompiledWorkflow) {
  const witness = await startWitness();
  const folder = temporaryFolder();
  const runner = createLocalRunner({ workflows: [workflow], folder, environment: {} });
  const store = new RunStore(folder);
  onTestFinished(async () => {
    store.close();
    await runner.close();
  });
  return { witness, runner, store, workflow };
}

function eventsOf(store: RunStore, id: string): HistoryEvent[] {
  return store.events((store.find('parked', id) as StoredRun).key);
}

/** A run whose process died after these events. */
function interrupted(store: RunStore, workflow: CompiledWorkflow, events: readonly HistoryEvent[]) {
  const program = { workflow };
  const input = String(events[0]?.details?.input);
  const about = { workflow: 'parked', id: 'cut', started: Date.now(), owner: 'dead' };
  const run = store.add({ ...about, program, input }) as StoredRun;
  store.write(new Map([[run.key, events]]));
}

async function output(runner: LocalRunner, id: string): Promise<unknown> {
  for await (const _ of runner.events('parked', id));
  return runner.get('parked', id);
}

it('waits on after its process has died, without asking again, and takes the same token', async () => {
  const { witness, runner, store, workflow } = await setUp(parked());
  await runner.start('parked', { witness: witness.url }, { id: 'whole' });
  const submitted = () => eventsOf(store, 'whole').some(({ type }) => type === 'TaskSubmitted');
  await expect.poll(submitted).toBe(true);
  const events = eventsOf(store, 'whole');
  interrupted(store, workflow, events);

  await runner.resume('parked', 'cut');
  const entered = events.find(({ type }) => type === 'TaskStateEntered')?.id as number;
  const tokens = new TaskTokens(store.tokenSecret);
  const token = tokens.make(executionArn('parked', 'cut'), entered, 0, 0);
  const [told] = witness.told;
  const keys = { AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any' };
  const callbacks = taskCallbacks({ ...keys, AWS_ENDPOINT_URL_SFN: told?.base });
  expect(await callbacks.succeed(token, 'late')).toBe(true);
  expect(await output(runner, 'cut')).toMatchObject({ status: 'SUCCEEDED', output: 'late' });
  expect(witness.told).toHaveLength(1);
});

it('asks again with another token when it is redriven, and the old one is good for nothing', async () => {
  const { witness, runner } = await setUp(parked());
  await runner.start('parked', { witness: witness.url }, { id: 'again' });
  await expect.poll(() => witness.told.length).toBe(1);
  await runner.stop('parked', 'again');
  await output(runner, 'again');

  await runner.redrive('parked', 'again');
  await expect.poll(() => witness.told.length).toBe(2);
  const [before, after] = witness.told;
  expect(after?.token).not.toBe(before?.token);
  const keys = { AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any' };
  const callbacks = taskCallbacks({ ...keys, AWS_ENDPOINT_URL_SFN: after?.base });
  expect(await callbacks.succeed(String(before?.token), 'old')).toBe(false);
  expect(await callbacks.succeed(String(after?.token), 'new')).toBe(true);
  expect(await output(runner, 'again')).toMatchObject({ status: 'SUCCEEDED', output: 'new' });
});
