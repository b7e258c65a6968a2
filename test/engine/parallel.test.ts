import { expect, test } from 'vitest';
import { branch, echo, fails, lambda, run, slow, task } from './harness.ts';

// The recordings hold few Parallel states. These cases follow AWS's documentation: "Parallel workflow
// state", "Handling errors in Step Functions workflows" and the API reference of HistoryEvent.

function parallel(branches: readonly object[], more: object = {}) {
  return {
    StartAt: 'Fan',
    States: { Fan: { Type: 'Parallel', Branches: branches, End: true, ...more } },
  } as never;
}

test('gives the results in branch order, whichever branch is first', async () => {
  const { output } = await run(
    parallel([branch('A', task('slow')), branch('B', task('quick')), branch('C', task('echo'))]),
    { slow: (_, call) => call.sleep(9_000).then(() => 'a'), quick: () => 'b', echo: () => 'c' },
  );
  expect(output).toEqual(['a', 'b', 'c']);
});

test('starts all branches before any of them has answered', async () => {
  const branches = Array.from({ length: 100 }, (_, i) => branch(`T${i}`, task('slow')));
  const { types, seconds } = await run(parallel(branches), { slow: slow(5) });
  const firstAnswer = types.indexOf('LambdaFunctionSucceeded');
  const started = types.slice(0, firstAnswer).filter((type) => type === 'LambdaFunctionStarted');
  expect(started).toHaveLength(100);
  expect(seconds).toBe(5);
});

test('stops a slow sibling when a branch fails, and aborts its call', async () => {
  let aborted = false;
  const { outcome, types, seconds } = await run(
    parallel([branch('Bad', task('bad')), branch('Slow', task('slow'))]),
    {
      bad: async (_, call) => {
        await call.sleep(1_000);
        return fails('Boom', 'it broke')(null, call);
      },
      slow: async (_, call) => {
        call.signal.addEventListener('abort', () => {
          aborted = true;
        });
        await call.sleep(3_600_000);
        return null;
      },
    },
  );
  expect(outcome).toEqual({ status: 'FAILED', error: 'Boom', cause: 'it broke' });
  expect(aborted).toBe(true);
  expect(seconds).toBe(1);
  expect(types.slice(-5)).toEqual([
    'LambdaFunctionFailed',
    'TaskStateAborted',
    'TaskStateAborted',
    'ParallelStateFailed',
    'ExecutionFailed',
  ]);
});

test('reports the first of two branches that fail at once', async () => {
  const { outcome, types } = await run(
    parallel([branch('One', task('one')), branch('Two', task('two'))]),
    { one: fails('First'), two: fails('Second') },
  );
  expect(outcome).toEqual({ status: 'FAILED', error: 'First' });
  expect(types.filter((type) => type === 'ParallelStateFailed')).toHaveLength(1);
});

test('enters every branch even where the first one fails at once', async () => {
  const fail = { Type: 'Fail', Error: 'No' };
  const { history } = await run(parallel([branch('No', fail), branch('Yes', task('echo'))]), {
    echo,
  });
  const entered = history.filter(({ type }) => type.endsWith('StateEntered'));
  expect(entered.map(({ details }) => details?.name)).toEqual(['Fan', 'No', 'Yes']);
});

test('runs a Parallel inside a Map inside a Parallel', async () => {
  const inner = {
    Type: 'Parallel',
    Branches: [branch('X', task('echo')), branch('Y', { Type: 'Pass', Result: 'y', End: true })],
    End: true,
  };
  const map = { Type: 'Map', ItemProcessor: branch('Inner', inner), End: true };
  const { output } = await run(parallel([branch('Each', map)]), { echo }, [1, 2]);
  expect(output).toEqual([
    [
      [1, 'y'],
      [2, 'y'],
    ],
  ]);
});

test('catches inside a branch: the siblings are not touched', async () => {
  const state = task('bad', { Catch: [{ ErrorEquals: ['Boom'], Next: 'Caught' }] });
  const branches = [
    { StartAt: 'T', States: { T: state, Caught: { Type: 'Pass', End: true } } },
    branch('Ok', task('slow')),
  ];
  const { output, types } = await run(parallel(branches), {
    bad: fails('Boom', 'x'),
    slow: slow(3),
  });
  expect(output).toEqual([{ Error: 'Boom', Cause: 'x' }, {}]);
  expect(types).not.toContain('ParallelStateFailed');
});

test('catches outside of the branches after the siblings were stopped', async () => {
  const definition = {
    StartAt: 'Fan',
    States: {
      Fan: {
        Type: 'Parallel',
        Branches: [branch('Bad', task('bad')), branch('Slow', task('slow'))],
        Catch: [{ ErrorEquals: ['States.TaskFailed'], ResultPath: '$.error', Next: 'Caught' }],
        End: true,
      },
      Caught: { Type: 'Pass', End: true },
    },
  };
  const { output, types, seconds } = await run(
    definition,
    { bad: fails('Boom', 'x'), slow: slow(60) },
    { kept: true },
  );
  expect(output).toEqual({ kept: true, error: { Error: 'Boom', Cause: 'x' } });
  expect(seconds).toBe(0);
  const failed = types.indexOf('ParallelStateFailed');
  expect(types[failed + 1]).toBe('ParallelStateExited');
});

test('runs all branches again on a Retry, without a ParallelStateFailed between', async () => {
  let calls = 0;
  const { output, types, seconds } = await run(
    parallel([branch('Flaky', task('flaky')), branch('Ok', task('echo'))], {
      Retry: [{ ErrorEquals: ['Boom'], IntervalSeconds: 7, MaxAttempts: 1 }],
    }),
    { flaky: (_, call) => (calls++ === 0 ? fails('Boom')(null, call) : 'fine'), echo },
  );
  expect(output).toEqual(['fine', {}]);
  expect(seconds).toBe(7);
  expect(types.filter((type) => type === 'ParallelStateStarted')).toHaveLength(2);
  expect(types).not.toContain('ParallelStateFailed');
});

test('fails when the joined output takes more than 256 KiB', async () => {
  const branches = Array.from({ length: 3 }, (_, i) => branch(`T${i}`, task('big')));
  const { outcome } = await run(parallel(branches), { big: () => 'x'.repeat(100_000) });
  expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
});

test('keeps variables of a branch inside the branch', async () => {
  const definition = {
    QueryLanguage: 'JSONata',
    StartAt: 'Set',
    States: {
      Set: { Type: 'Pass', Assign: { outer: 1 }, Next: 'Fan' },
      Fan: {
        Type: 'Parallel',
        Branches: [
          {
            StartAt: 'A',
            States: {
              A: { Type: 'Pass', Assign: { inner: '{% $outer + 1 %}' }, Next: 'B' },
              B: { Type: 'Pass', Output: '{% $inner %}', End: true },
            },
          },
          branch('C', { Type: 'Pass', Output: '{% $exists($inner) %}', End: true }),
        ],
        End: true,
      },
    },
  };
  expect((await run(definition)).output).toEqual([2, false]);
});

test('passes the branches what Arguments makes, and refers to results by place', async () => {
  const definition = {
    QueryLanguage: 'JSONata',
    StartAt: 'Fan',
    States: {
      Fan: {
        Type: 'Parallel',
        Arguments: { n: '{% $states.input.n * 2 %}' },
        Branches: [
          branch('A', { Type: 'Task', Resource: lambda('echo'), End: true }),
          branch('B', { Type: 'Succeed', Output: 'b' }),
        ],
        Output: { a: '{% $states.result[0].n %}', b: '{% $states.result[1] %}' },
        End: true,
      },
    },
  };
  expect((await run(definition, { echo }, { n: 21 })).output).toEqual({ a: 42, b: 'b' });
});
