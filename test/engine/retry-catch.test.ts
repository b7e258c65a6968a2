import { expect, test } from 'vitest';
import { echo, fails, run, slow, task } from './harness.ts';

const caught = { Type: 'Pass', End: true };

function retried(retry: object, more: object = {}) {
  return {
    StartAt: 'T',
    States: {
      T: task('f', { Retry: [retry], ...more } as never),
      ...('Catch' in more && { caught }),
    },
  };
}

test('waits longer before each retry: interval, then times the backoff rate', async () => {
  const { outcome, history } = await run(
    retried({ ErrorEquals: ['Boom'], IntervalSeconds: 3, MaxAttempts: 3, BackoffRate: 2 }),
    { f: fails('Boom') },
  );
  const at = history
    .filter(({ type }) => type === 'LambdaFunctionScheduled')
    .map(({ timestamp }) => (timestamp - (history[0]?.timestamp ?? 0)) / 1000);
  expect(at).toEqual([0, 3, 9, 21]);
  expect(outcome).toEqual({ status: 'FAILED', error: 'Boom' });
});

test('never waits longer than MaxDelaySeconds', async () => {
  const { seconds } = await run(
    retried({
      ErrorEquals: ['States.ALL'],
      IntervalSeconds: 10,
      BackoffRate: 10,
      MaxDelaySeconds: 20,
      MaxAttempts: 3,
    }),
    { f: fails('Boom') },
  );
  expect(seconds).toBe(50);
});

test('waits between nothing and the whole interval with full jitter', async () => {
  const { seconds } = await run(
    retried({ ErrorEquals: ['Boom'], IntervalSeconds: 8, MaxAttempts: 1, JitterStrategy: 'FULL' }),
    { f: fails('Boom') },
    {},
    { random: () => 0.25 },
  );
  expect(seconds).toBe(2);
});

test('counts the attempts of each retrier by itself', async () => {
  const errors = ['A', 'A', 'B', 'A'];
  const { outcome, history } = await run(
    {
      StartAt: 'T',
      States: {
        T: task('f', {
          Retry: [
            { ErrorEquals: ['A'], MaxAttempts: 2 },
            { ErrorEquals: ['B'], MaxAttempts: 1 },
          ],
        }),
      },
    },
    { f: (_, call) => fails(errors[call.attempt - 1] ?? 'C')(null, call) },
  );
  expect(outcome).toEqual({ status: 'FAILED', error: 'A' });
  expect(history.filter(({ type }) => type === 'LambdaFunctionFailed')).toHaveLength(4);
});

test('shows the number of retries in the context object', async () => {
  const { output } = await run(
    {
      QueryLanguage: 'JSONata',
      StartAt: 'T',
      States: {
        T: task('f', {
          Arguments: '{% $states.context.State.RetryCount %}',
          Retry: [{ ErrorEquals: ['Boom'] }],
        }),
      },
    },
    { f: (input, call) => (input === 2 ? input : fails('Boom')(null, call)) },
  );
  expect(output).toBe(2);
});

test('does not take a timeout for a failed task', async () => {
  const { outcome } = await run(
    {
      StartAt: 'T',
      States: {
        T: task('f', {
          TimeoutSeconds: 2,
          Catch: [{ ErrorEquals: ['States.TaskFailed'], Next: 'caught' }],
        }),
        caught,
      },
    },
    { f: slow(60) },
  );
  expect(outcome).toEqual({ status: 'FAILED', error: 'States.Timeout' });
});

test('catches what is left when the retries are used up', async () => {
  const { output, seconds } = await run(
    retried(
      { ErrorEquals: ['Boom'], IntervalSeconds: 1, MaxAttempts: 2 },
      { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'caught' }] },
    ),
    { f: fails('Boom', 'why') },
  );
  expect(output).toEqual({ Error: 'Boom', Cause: 'why' });
  expect(seconds).toBe(3);
});

test('never catches States.Runtime, not even by its name', async () => {
  const { outcome } = await run(
    {
      StartAt: 'T',
      States: {
        T: task('f', {
          InputPath: '$.nothing',
          Catch: [{ ErrorEquals: ['States.Runtime'], Next: 'caught' }],
        }),
        caught,
      },
    },
    { f: echo },
  );
  expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
});

test('catches a failed evaluation of Arguments by name', async () => {
  const { output, types } = await run(
    {
      QueryLanguage: 'JSONata',
      StartAt: 'T',
      States: {
        T: task('f', {
          Arguments: '{% $nothing %}',
          Catch: [
            {
              ErrorEquals: ['States.QueryEvaluationError'],
              Output: '{% $states.errorOutput.Error %}',
              Next: 'caught',
            },
          ],
        }),
        caught,
      },
    },
    { f: echo },
  );
  expect(output).toBe('States.QueryEvaluationError');
  expect(types).toContain('EvaluationFailed');
});

test('runs a Task again when its Output fails and a retrier takes that', async () => {
  let calls = 0;
  const { output } = await run(
    {
      QueryLanguage: 'JSONata',
      StartAt: 'T',
      States: {
        T: task('f', {
          Output: '{% $states.result.there %}',
          Retry: [{ ErrorEquals: ['States.QueryEvaluationError'], MaxAttempts: 1 }],
        }),
      },
    },
    { f: () => (calls++ === 0 ? 'not yet' : { there: 1 }) },
  );
  expect(output).toBe(1);
});

test('gives States.TaskFailed to what throws no TaskFailure', async () => {
  const { outcome } = await run(
    { StartAt: 'T', States: { T: task('f') } },
    {
      f: () => {
        throw new Error('a bug');
      },
    },
  );
  expect(outcome).toEqual({ status: 'FAILED', error: 'States.TaskFailed', cause: 'a bug' });
});
