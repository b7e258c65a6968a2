import { createHash } from 'node:crypto';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CompiledWorkflow } from '../../lib/asl/compiled.ts';
import { RunConflict } from '../../lib/errors.ts';
import type { JsonObject } from '../../lib/json.ts';
import { createLocalRunner, type LocalRunner } from '../../lib/local/local-runner.ts';
import type { Run } from '../../lib/run/run.ts';
import { type CountingServer, startCountingServer } from './crash/counting-server.ts';
import { temporaryFolder } from './store/temporary-folder.ts';

function call(step: string, more: JsonObject): JsonObject {
  const Arguments = { url: '{% $states.context.Execution.Input.url %}', step };
  return { Type: 'Task', Resource: '${Counted}', Arguments, ...more };
}

function workflow(states: JsonObject, startAt: string): CompiledWorkflow {
  const definition = JSON.stringify({ QueryLanguage: 'JSONata', StartAt: startAt, States: states });
  return {
    name: 'counted',
    description: null,
    definition,
    definitionHash: createHash('sha256').update(definition).digest('hex'),
    functions: [
      {
        kind: 'task',
        placeholder: 'Counted',
        name: 'task-counted',
        entry: 'test/fixtures/functions/counted.ts',
        handler: 'handler',
        timeoutSeconds: 10,
      },
    ],
    inputSchema: {},
  };
}

async function setUp(compiled: CompiledWorkflow) {
  const server = await startCountingServer();
  onTestFinished(() => server.close());
  const folder = temporaryFolder();
  return { server, folder, runner: open(compiled, folder) };
}

function open(compiled: CompiledWorkflow, folder: string): LocalRunner {
  const runner = createLocalRunner({ workflows: [compiled], folder, environment: {} });
  onTestFinished(() => runner.close());
  return runner;
}

async function ended(runner: LocalRunner, { workflow: name, id }: Run): Promise<Run> {
  for await (const _ of runner.events(name, id));
  return runner.get(name, id);
}

function countsOf({ calls }: CountingServer): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const step of calls) counts[step] = (counts[step] ?? 0) + 1;
  return counts;
}

/** 'flaky' fails at its first call; 'slow' is answered after all quick ones. */
const branches = workflow(
  {
    first: call('first', { Next: 'Gather' }),
    Gather: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'quick', States: { quick: call('quick', { End: true }) } },
        {
          StartAt: 'slow',
          States: { slow: call('slow', { Next: 'flaky' }), flaky: call('flaky', { End: true }) },
        },
        {
          StartAt: 'Each',
          States: {
            Each: {
              Type: 'Map',
              Items: ['item-1', 'item-2'],
              ItemProcessor: {
                ProcessorConfig: { Mode: 'INLINE' },
                StartAt: 'item',
                States: { item: call('{% $states.input %}', { End: true }) },
              },
              End: true,
            },
          },
        },
      ],
      Next: 'last',
    },
    last: call('last', { Output: '{% $states.input %}', End: true }),
  },
  'first',
);

const gathered = [
  { answer: 'answer of quick' },
  { answer: 'answer of flaky' },
  [{ answer: 'answer of item-1' }, { answer: 'answer of item-2' }],
];

describe('a failed run that is redriven', () => {
  it('runs again the branch that failed, from the step that failed, and what comes after', async () => {
    const { server, runner } = await setUp(branches);
    const failed = await ended(runner, await runner.start('counted', { url: server.url }));
    expect(failed).toMatchObject({ status: 'FAILED', error: 'Flaky' });
    const once = { first: 1, quick: 1, slow: 1, 'item-1': 1, 'item-2': 1 };
    expect(countsOf(server)).toEqual({ ...once, flaky: 1 });
    const redriven = await ended(runner, await runner.redrive('counted', failed.id));
    expect(redriven).toMatchObject({ status: 'SUCCEEDED', output: gathered });
    expect(countsOf(server)).toEqual({ ...once, flaky: 2, last: 1 });
  });

  it('is redriven by another process, with the document that it was started with', async () => {
    const { server, folder, runner } = await setUp(branches);
    const failed = await ended(runner, await runner.start('counted', { url: server.url }));
    await runner.close();
    const changed = workflow({ Other: { Type: 'Succeed' } }, 'Other');
    const later = open({ ...changed, functions: branches.functions }, folder);
    const redriven = await ended(later, await later.redrive('counted', failed.id));
    expect(redriven).toMatchObject({ status: 'SUCCEEDED', output: gathered });
    expect(countsOf(server)).toMatchObject({ first: 1, quick: 1, slow: 1, flaky: 2, last: 1 });
  });

  it('goes on in one process when two redrive it at once', async () => {
    const { server, folder, runner } = await setUp(branches);
    const failed = await ended(runner, await runner.start('counted', { url: server.url }));
    const other = open(branches, folder);
    const both = await Promise.allSettled([
      runner.redrive('counted', failed.id),
      other.redrive('counted', failed.id),
      runner.redrive('counted', failed.id),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    for (const each of both) {
      if (each.status === 'rejected') expect(each.reason).toBeInstanceOf(RunConflict);
    }
    // Whichever has it: both see its end.
    expect((await ended(other, failed)).status).toBe('SUCCEEDED');
    expect((await ended(runner, failed)).status).toBe('SUCCEEDED');
    expect(countsOf(server)).toMatchObject({ quick: 1, flaky: 2, last: 1 });
  });
});

describe('a Distributed Map that is redriven', () => {
  it('runs again the children that failed, and no others', async () => {
    const items = ['item-1', 'item-2', 'flaky', 'item-3'];
    const children = workflow(
      {
        Each: {
          Type: 'Map',
          Items: items,
          ToleratedFailureCount: 0,
          ItemProcessor: {
            ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
            StartAt: 'Pause',
            States: {
              // The others have begun, and have time to end, before the one that fails.
              Pause: {
                Type: 'Wait',
                Seconds: "{% $states.input.step = 'flaky' ? 1 : 0 %}",
                Next: 'item',
              },
              item: {
                Type: 'Task',
                Resource: '${Counted}',
                Arguments: '{% $states.input %}',
                End: true,
              },
            },
          },
          ItemSelector: {
            url: '{% $states.context.Execution.Input.url %}',
            step: '{% $states.context.Map.Item.Value %}',
          },
          End: true,
        },
      },
      'Each',
    );
    const { server, folder, runner } = await setUp(children);
    const failed = await ended(runner, await runner.start('counted', { url: server.url }));
    expect(failed).toMatchObject({ status: 'FAILED' });
    await runner.close();
    const later = open(children, folder);
    const redriven = await ended(later, await later.redrive('counted', failed.id));
    expect(redriven).toMatchObject({
      status: 'SUCCEEDED',
      output: items.map((step) => ({ answer: `answer of ${step}` })),
    });
    expect(countsOf(server)).toEqual({ 'item-1': 1, 'item-2': 1, 'item-3': 1, flaky: 2 });
  });
});

describe('a run of a workflow whose functions cannot start', () => {
  it('leaves nothing behind, and a run that was to be redriven as it was', async () => {
    const { server, folder, runner } = await setUp(branches);
    const failed = await ended(runner, await runner.start('counted', { url: server.url }));
    const broken = open(
      {
        ...branches,
        functions: [{ ...branches.functions[0]!, kind: 'task', entry: 'nowhere.ts', handler: 'h' }],
      },
      folder,
    );
    await expect(broken.start('counted', { url: server.url }, { id: 'new' })).rejects.toThrow(
      /nowhere\.ts/,
    );
    await expect(broken.redrive('counted', failed.id)).rejects.toThrow(/nowhere\.ts/);
    expect((await runner.list('counted')).map(({ id, status }) => [id, status])).toEqual([
      [failed.id, 'FAILED'],
    ]);
    expect((await ended(runner, await runner.redrive('counted', failed.id))).status).toBe(
      'SUCCEEDED',
    );
  });
});

describe('a run of two processes', () => {
  it('is seen, followed and stopped by the one that does not run it', async () => {
    const waiting = workflow({ Long: { Type: 'Wait', Seconds: 600, End: true } }, 'Long');
    const { folder, runner } = await setUp(waiting);
    const other = open(waiting, folder);
    const { id } = await runner.start('counted', { a: 1 });
    expect(await other.get('counted', id)).toMatchObject({ status: 'RUNNING', input: { a: 1 } });
    expect(await other.get('counted', id)).not.toHaveProperty('interrupted');
    const followed = ended(other, await other.get('counted', id));
    expect(await other.stop('counted', id, 'Enough.')).toMatchObject({
      status: 'ABORTED',
      cause: 'Enough.',
    });
    expect(await followed).toMatchObject({ status: 'ABORTED', cause: 'Enough.' });
    expect(await runner.get('counted', id)).toMatchObject({ status: 'ABORTED', cause: 'Enough.' });
    await expect(other.resume('counted', id)).rejects.toThrow(/is closed \(ABORTED\).* redrive it/);
  });

  it('is followed until the follower is closed, which is told apart from its end', async () => {
    const waiting = workflow({ Long: { Type: 'Wait', Seconds: 600, End: true } }, 'Long');
    const { folder, runner } = await setUp(waiting);
    const other = open(waiting, folder);
    const { id } = await runner.start('counted', {});
    const types: string[] = [];
    let closing: Promise<void> | undefined;
    const following = (async () => {
      for await (const { type } of other.events('counted', id)) {
        types.push(type);
        if (type === 'WaitStateEntered') closing = other.close();
      }
    })();
    await following;
    expect(types).toEqual(['ExecutionStarted', 'WaitStateEntered']);
    await closing;
    await expect(other.get('counted', id)).rejects.toThrow(/was closed, and its runner with it/);
    expect((await runner.get('counted', id)).status).toBe('RUNNING');
  });

  it('starts once for one id, whichever process is asked', async () => {
    const waiting = workflow({ Long: { Type: 'Wait', Seconds: 600, End: true } }, 'Long');
    const { folder, runner } = await setUp(waiting);
    const other = open(waiting, folder);
    const first = await runner.start('counted', { a: 1 }, { id: 'one' });
    expect(await other.start('counted', { a: 1 }, { id: 'one' })).toEqual(first);
    await expect(other.start('counted', { a: 2 }, { id: 'one' })).rejects.toThrow(RunConflict);
  });
});

describe('a store that can no longer be written', () => {
  it('ends the run and its followers with the reason, and calls nothing more', async () => {
    const { server, folder, runner } = await setUp(branches);
    const run = await runner.start('counted', { url: server.url });
    const blocker = new DatabaseSync(path.join(folder, 'runs.sqlite'));
    blocker.exec('BEGIN IMMEDIATE');
    await expect(ended(runner, run)).rejects.toThrow(/runs\.sqlite is locked by another process/);
    const calls = server.calls.length;
    blocker.close();
    await expect(runner.get('counted', run.id)).rejects.toThrow(/is locked by another process/);
    await runner.close();
    expect(server.calls).toHaveLength(calls);
    // Its process has let go of it: it can be taken up from what is on the disk.
    const later = open(branches, folder);
    expect(await later.get('counted', run.id)).toMatchObject({
      status: 'RUNNING',
      interrupted: true,
    });
    await later.resume('counted', run.id);
    await ended(later, run);
    expect(countsOf(server)).toMatchObject({ first: expect.any(Number), quick: 1, slow: 1 });
  });
});
