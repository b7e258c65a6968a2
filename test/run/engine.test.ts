import { expect, it } from 'vitest';
import { VirtualClock } from '../../lib/engine/clock/virtual-clock.ts';
import { createEngine } from '../../lib/engine/engine.ts';
import type { HistoryEvent } from '../../lib/engine/history/event.ts';
import { loadMachine } from '../../lib/engine/machine.ts';
import { TaskFailure } from '../../lib/engine/task/task-port.ts';
import type { JsonObject } from '../../lib/json.ts';
import { foldRun } from '../../lib/run/fold.ts';
import type { Run } from '../../lib/run/run.ts';
import { modelResult } from './history.ts';

const resource = 'arn:aws:lambda:us-east-1:123456789012:function:f';

/** A Task as the compiler writes it, in a branch of its own or not. */
function task(more: JsonObject = {}): JsonObject {
  return { Type: 'Task', Resource: resource, End: true, ...more };
}

function branch(name: string, state: JsonObject, others: JsonObject = {}): JsonObject {
  return { StartAt: name, States: { [name]: state, ...others } };
}

/**
 * Runs a definition on the engine. A task named 'bad...' fails with Boom, one named 'late...' never
 * answers, one named 'flaky' fails once; the others answer as a model.
 */
async function run(definition: JsonObject, seen: (run: Run) => void = () => {}): Promise<Run> {
  const subject = { id: 'r', workflow: 'w' };
  const events: HistoryEvent[] = [];
  const engine = createEngine({
    clock: new VirtualClock({ patience: 50 }),
    tasks: {
      refuse: () => undefined,
      run: ({ stateName, attempt }) => {
        if (stateName.startsWith('late')) return new Promise(() => {});
        if (stateName.startsWith('bad') || (stateName === 'flaky' && attempt === 1)) {
          throw new TaskFailure('Boom', 'because');
        }
        return modelResult('m', 1, 0.01);
      },
    },
    onEvent: (event) => {
      events.push(event);
      seen(foldRun(subject, events));
    },
  });
  const execution = engine.start(loadMachine({ QueryLanguage: 'JSONata', ...definition }));
  await execution.done;
  return foldRun(subject, execution.history);
}

const told = ({ steps }: Run) =>
  steps.map(({ name, parent, status, attempts, error }) => [
    name,
    parent === null ? null : steps.find(({ id }) => id === parent)?.name,
    status,
    attempts,
    error?.name ?? null,
  ]);

it('tells a gather of which one branch is retried, and what it cost', async () => {
  const retry = { Retry: [{ ErrorEquals: ['Boom'], IntervalSeconds: 1 }] };
  const seen = new Set<string>();
  const result = await run(
    {
      StartAt: 'gather',
      States: {
        gather: {
          Type: 'Parallel',
          Branches: [branch('fine', task()), branch('flaky', task(retry))],
          Next: 'judge',
        },
        judge: task(),
      },
    },
    ({ steps }) => seen.add(String(steps.find(({ name }) => name === 'flaky')?.status)),
  );
  expect(told(result)).toEqual([
    ['gather', null, 'SUCCEEDED', 1, null],
    ['fine', 'gather', 'SUCCEEDED', 1, null],
    ['flaky', 'gather', 'SUCCEEDED', 2, 'Boom'],
    ['judge', null, 'SUCCEEDED', 1, null],
  ]);
  expect([...seen]).toEqual(['undefined', 'WAITING', 'RUNNING', 'RETRYING', 'SUCCEEDED']);
  expect(result.usage.totalTokens).toBe(6);
  expect(result.price).toEqual({ usd: 0.03 });
});

it('tells who failed a gather and who was stopped by it', async () => {
  const result = await run({
    StartAt: 'gather',
    States: {
      gather: {
        Type: 'Parallel',
        Branches: [branch('late', task()), branch('bad', task()), branch('fine', task())],
        End: true,
      },
    },
  });
  expect(result).toMatchObject({ status: 'FAILED', error: 'Boom', cause: 'because' });
  const [gather, late, bad] = told(result);
  expect(gather).toEqual(['gather', null, 'FAILED', 1, 'Boom']);
  expect(late).toEqual(['late', 'gather', 'ABORTED', 1, null]);
  expect(bad).toEqual(['bad', 'gather', 'FAILED', 1, 'Boom']);
});

it('tells failures that are caught inside the branches', async () => {
  const result = await run({
    StartAt: 'gather',
    States: {
      gather: {
        Type: 'Parallel',
        Branches: [
          branch('bad', task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'kept' }] }), {
            kept: { Type: 'Pass', End: true },
          }),
          branch(
            'inner',
            {
              Type: 'Parallel',
              Branches: [branch('bad too', task()), branch('late', task())],
              Catch: [{ ErrorEquals: ['States.ALL'], Next: 'kept too' }],
              End: true,
            },
            { 'kept too': { Type: 'Pass', End: true } },
          ),
        ],
        End: true,
      },
    },
  });
  expect(result.status).toBe('SUCCEEDED');
  expect(told(result).sort((a, b) => String(a[0]).localeCompare(String(b[0])))).toEqual([
    ['bad', 'gather', 'FAILED', 1, 'Boom'],
    ['bad too', 'inner', 'FAILED', 1, 'Boom'],
    ['gather', null, 'SUCCEEDED', 1, null],
    ['inner', 'gather', 'FAILED', 1, 'Boom'],
    ['late', 'inner', 'ABORTED', 1, null],
  ]);
});

it('tells a step that timed out and an expression that failed', async () => {
  const late = await run({ StartAt: 'late', States: { late: task({ TimeoutSeconds: 5 }) } });
  expect(told(late)).toEqual([['late', null, 'FAILED', 1, 'States.Timeout']]);
  const expression = await run({
    StartAt: 'ask',
    States: { ask: task({ Output: '{% $states.result.nothing %}' }) },
  });
  expect(told(expression)).toEqual([['ask', null, 'FAILED', 1, 'States.QueryEvaluationError']]);
});

it('tells each item of a list as a step of its own', async () => {
  const result = await run({
    StartAt: 'each',
    States: {
      each: {
        Type: 'Map',
        Items: [1, 2],
        ItemProcessor: { ...branch('ask', task()), ProcessorConfig: { Mode: 'INLINE' } },
        End: true,
      },
    },
  });
  expect(told(result)).toEqual([
    ['each', null, 'SUCCEEDED', 1, null],
    ['ask', 'each', 'SUCCEEDED', 1, null],
    ['ask', 'each', 'SUCCEEDED', 1, null],
  ]);
});

it('tells a redriven run: what had succeeded stays, what had failed goes on', async () => {
  let fails = true;
  const clock = new VirtualClock({ patience: 50 });
  const tasks = {
    refuse: () => undefined,
    run: ({ stateName }: { readonly stateName: string }) => {
      if (stateName === 'bad' && fails) throw new TaskFailure('Boom');
      return modelResult('m', 1, 0.01);
    },
  };
  const machine = loadMachine({
    QueryLanguage: 'JSONata',
    StartAt: 'gather',
    States: {
      gather: {
        Type: 'Parallel',
        Branches: [branch('fine', task()), branch('bad', task())],
        End: true,
      },
    },
  });
  const first = createEngine({ clock, tasks }).start(machine);
  await first.done;
  fails = false;
  const again = createEngine({ clock, tasks }).redrive(machine, first.history);
  await again.done;
  const result = foldRun({ id: 'r', workflow: 'w' }, again.history);
  expect(result.status).toBe('SUCCEEDED');
  expect(result.usage.totalTokens).toBe(4);
  expect(told(result)).toEqual([
    ['gather', null, 'SUCCEEDED', 1, 'Boom'],
    ['fine', 'gather', 'SUCCEEDED', 1, null],
    ['bad', 'gather', 'SUCCEEDED', 2, 'Boom'],
  ]);
});
