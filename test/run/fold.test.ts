import { describe, expect, it } from 'vitest';
import { closesRun, createRunFold, foldRun } from '../../lib/run/fold.ts';
import { history, modelResult } from './history.ts';

const panel = { id: 'r1', workflow: 'panel' };
const lambda = { resourceType: 'lambda', resource: 'invoke' };
const envelope = (payload: string) => `{"ExecutedVersion":"1","Payload":${payload}}`;

describe('a run of one step', () => {
  it('is told from its history: status, input, output, step', () => {
    const run = foldRun(
      panel,
      history(
        ['ExecutionStarted', 0, { input: '{"question":"why?"}' }],
        ['TaskStateEntered', 0, { name: 'ask', input: '{}' }],
        ['LambdaFunctionScheduled', 2, { resource: 'arn', input: '{}' }],
        ['LambdaFunctionStarted', 3],
        ['LambdaFunctionSucceeded', 4, { output: modelResult('gpt-5-mini', 10, 0.1) }],
        ['TaskStateExited', 5, { name: 'ask', output: '"x"' }],
        ['ExecutionSucceeded', 6, { output: '"x"' }],
      ),
    );
    const usage = {
      inputTokens: 10,
      outputTokens: 10,
      totalTokens: 20,
      cachedInputTokens: 0,
      reasoningTokens: 0,
    };
    expect(run).toEqual({
      id: 'r1',
      workflow: 'panel',
      status: 'SUCCEEDED',
      startedAt: '2026-01-01T00:00:00.000Z',
      stoppedAt: '2026-01-01T00:00:06.000Z',
      input: { question: 'why?' },
      output: 'x',
      usage,
      price: { usd: 0.1 },
      steps: [
        {
          id: 2,
          name: 'ask',
          kind: 'task',
          parent: null,
          status: 'SUCCEEDED',
          startedAt: '2026-01-01T00:00:01.000Z',
          stoppedAt: '2026-01-01T00:00:05.000Z',
          attempts: 1,
          usage,
          price: { usd: 0.1 },
          model: 'gpt-5-mini',
          error: null,
        },
      ],
    });
  });

  it('goes through waiting, running, retrying and done, each visible as it happens', () => {
    const fold = createRunFold(panel);
    const seen = history(
      ['ExecutionStarted', 0, { input: '{}' }],
      ['TaskStateEntered', 0, { name: 'ask' }],
      ['TaskScheduled', 2, lambda],
      ['TaskStarted', 3, lambda],
      ['TaskFailed', 4, { ...lambda, error: 'Model.RateLimited', cause: 'slow down' }],
      ['TaskScheduled', 5, lambda],
      ['TaskStarted', 6, lambda],
      ['TaskSucceeded', 7, { ...lambda, output: envelope(modelResult('m', 1, null)) }],
      ['TaskStateExited', 8, { name: 'ask' }],
    ).map((event) => {
      fold.apply(event);
      const [step] = fold.run.steps;
      return step ? `${step.status} ${step.attempts}` : fold.run.status;
    });
    expect(seen).toEqual([
      'RUNNING',
      'WAITING 0',
      'WAITING 1',
      'RUNNING 1',
      'RETRYING 1',
      'WAITING 2',
      'RUNNING 2',
      'RUNNING 2',
      'SUCCEEDED 2',
    ]);
    const [step] = fold.run.steps;
    expect(step?.error).toEqual({ name: 'Model.RateLimited', cause: 'slow down' });
    expect(step?.model).toBe('m');
    expect(fold.run.price).toBeNull();
    expect(fold.run.usage.totalTokens).toBe(2);
  });

  it('gives a value that later events do not change', () => {
    const fold = createRunFold({
      ...panel,
      startedAt: '2026-01-01T00:00:00.000Z',
      input: { a: 1 },
    });
    const before = fold.run;
    expect(before).toMatchObject({ status: 'RUNNING', input: { a: 1 }, steps: [] });
    for (const event of history(
      ['ExecutionStarted', 0, { input: '{"a":1}' }],
      ['WaitStateEntered', 0, { name: 'nap' }],
    )) {
      fold.apply(event);
    }
    expect(before.steps).toEqual([]);
    expect(fold.run.steps).toMatchObject([{ name: 'nap', kind: 'wait', status: 'WAITING' }]);
    expect(fold.run).toBe(fold.run);
  });

  it('fails to be told from no events at all', () => {
    expect(() => foldRun(panel, [])).toThrow(
      'The history of run "r1" of workflow "panel" is empty.',
    );
  });
});

describe('a failure', () => {
  it('that is caught leaves the step FAILED with its error, and the run goes on', () => {
    const run = foldRun(
      panel,
      history(
        ['ExecutionStarted', 0, { input: '{}' }],
        ['TaskStateEntered', 0, { name: 'ask' }],
        ['LambdaFunctionScheduled', 2],
        ['LambdaFunctionStarted', 3],
        ['LambdaFunctionTimedOut', 4, { error: 'States.Timeout' }],
        ['TaskStateExited', 5, { name: 'ask', output: '{}' }],
        ['ExecutionSucceeded', 6, { output: '{}' }],
      ),
    );
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      steps: [{ status: 'FAILED', attempts: 1, error: { name: 'States.Timeout', cause: null } }],
    });
  });

  it('that no event of the step tells is taken from the end of the run', () => {
    const run = foldRun(
      panel,
      history(
        ['ExecutionStarted', 0, { input: '{}' }],
        ['TaskStateEntered', 0, { name: 'ask' }],
        ['ExecutionFailed', 2, { error: 'States.Runtime', cause: 'no such path' }],
      ),
    );
    const failure = { error: 'States.Runtime', cause: 'no such path' };
    expect(run).toMatchObject({ status: 'FAILED', ...failure });
    expect(run.steps).toMatchObject([
      { status: 'FAILED', error: { name: failure.error, cause: failure.cause }, attempts: 0 },
    ]);
  });

  it('of an expression belongs to the state that its cause names, not to the chain', () => {
    const cause =
      "An error occurred while executing the state 'ask' (entered at the event id #2). The JSONata " +
      "expression '$nothing' specified for the field 'Arguments' returned nothing.";
    const error = 'States.QueryEvaluationError';
    const run = foldRun(
      panel,
      history(
        ['ExecutionStarted', 0, { input: '{}' }],
        ['TaskStateEntered', 0, { name: 'ask' }],
        ['EvaluationFailed', 0, { error, cause, location: 'Arguments', state: 'ask' }],
        ['ExecutionFailed', 3, { error, cause }],
      ),
    );
    expect(run.steps).toMatchObject([{ status: 'FAILED', error: { name: error } }]);
  });

  it('of the run by an abort or a timeout aborts what was open', () => {
    for (const [type, status] of [
      ['ExecutionAborted', 'ABORTED'],
      ['ExecutionTimedOut', 'TIMED_OUT'],
    ] as const) {
      const run = foldRun(
        panel,
        history(
          ['ExecutionStarted', 0, { input: '{}' }],
          ['TaskStateEntered', 0, { name: 'ask' }],
          ['LambdaFunctionScheduled', 2],
          [type, 0, { cause: 'enough' }],
        ),
      );
      expect(run).toMatchObject({ status, error: null, cause: 'enough' });
      expect(run.steps).toMatchObject([
        { status: 'ABORTED', stoppedAt: '2026-01-01T00:00:03.000Z' },
      ]);
    }
  });
});

describe('a gather', () => {
  it('is the parent of its interleaved branches and not of what follows it', () => {
    const run = foldRun(
      panel,
      history(
        ['ExecutionStarted', 0, { input: '{}' }],
        ['ParallelStateEntered', 0, { name: 'outer' }],
        ['ParallelStateStarted', 2],
        ['TaskStateEntered', 3, { name: 'a' }],
        ['ParallelStateEntered', 3, { name: 'inner' }],
        ['ParallelStateStarted', 5],
        ['TaskStateEntered', 6, { name: 'b' }],
        ['TaskStateExited', 4, { name: 'a' }],
        ['PassStateEntered', 8, { name: 'shape' }],
        ['PassStateExited', 9, { name: 'shape' }],
        ['TaskStateExited', 7, { name: 'b' }],
        ['ParallelStateSucceeded', 11],
        ['ParallelStateExited', 12, { name: 'inner' }],
        ['TaskStateEntered', 13, { name: 'c' }],
        ['TaskStateExited', 14, { name: 'c' }],
        ['ParallelStateSucceeded', 15],
        ['ParallelStateExited', 16, { name: 'outer' }],
        ['TaskStateEntered', 17, { name: 'judge' }],
      ),
    );
    expect(run.steps.map(({ name, parent, status }) => [name, parent, status])).toEqual([
      ['outer', null, 'SUCCEEDED'],
      ['a', 2, 'SUCCEEDED'],
      ['inner', 2, 'SUCCEEDED'],
      ['b', 5, 'SUCCEEDED'],
      ['c', 2, 'SUCCEEDED'],
      ['judge', null, 'WAITING'],
    ]);
  });

  it('that one branch fails aborts the siblings; the guilty step and the gather are FAILED', () => {
    const run = foldRun(
      panel,
      history(
        ['ExecutionStarted', 0, { input: '{}' }],
        ['ParallelStateEntered', 0, { name: 'gather' }],
        ['ParallelStateStarted', 2],
        ['TaskStateEntered', 3, { name: 'a' }],
        ['TaskStateEntered', 3, { name: 'b' }],
        ['LambdaFunctionScheduled', 4],
        ['LambdaFunctionScheduled', 5],
        ['LambdaFunctionFailed', 6, { error: 'Boom', cause: 'because' }],
        ['TaskStateAborted', 7],
        ['TaskStateAborted', 8],
        ['ParallelStateFailed', 8],
        ['ExecutionFailed', 11, { error: 'Boom', cause: 'because' }],
      ),
    );
    const error = { name: 'Boom', cause: 'because' };
    expect(run.steps).toMatchObject([
      { name: 'gather', status: 'FAILED', error },
      { name: 'a', status: 'FAILED', error },
      { name: 'b', status: 'ABORTED', error: null },
    ]);
  });

  it('that is retried starts again with new steps', () => {
    const run = foldRun(
      panel,
      history(
        ['ExecutionStarted', 0, { input: '{}' }],
        ['ParallelStateEntered', 0, { name: 'gather' }],
        ['ParallelStateStarted', 2],
        ['TaskStateEntered', 3, { name: 'a' }],
        ['LambdaFunctionScheduled', 4],
        ['LambdaFunctionFailed', 5, { error: 'Boom' }],
        ['ParallelStateStarted', 6],
        ['TaskStateEntered', 7, { name: 'a' }],
        ['LambdaFunctionScheduled', 8],
        ['LambdaFunctionSucceeded', 9, { output: '1' }],
        ['TaskStateExited', 10, { name: 'a' }],
        ['ParallelStateSucceeded', 11],
        ['ParallelStateExited', 12, { name: 'gather' }],
        ['ExecutionSucceeded', 13, { output: '[1]' }],
      ),
    );
    expect(run.steps).toMatchObject([
      { id: 2, status: 'SUCCEEDED', attempts: 2 },
      { id: 4, parent: 2, status: 'FAILED', attempts: 1 },
      { id: 8, parent: 2, status: 'SUCCEEDED', attempts: 1 },
    ]);
  });

  it('over a list holds one step for each item', () => {
    const run = foldRun(
      panel,
      history(
        ['ExecutionStarted', 0, { input: '[]' }],
        ['MapStateEntered', 0, { name: 'each' }],
        ['MapStateStarted', 2, { length: 2 }],
        ['MapIterationStarted', 3, { name: 'each', index: 0 }],
        ['TaskStateEntered', 4, { name: 'ask' }],
        ['TaskStateExited', 5, { name: 'ask' }],
        ['MapIterationSucceeded', 6, { name: 'each', index: 0 }],
        ['MapIterationStarted', 6, { name: 'each', index: 1 }],
        ['TaskStateEntered', 8, { name: 'ask' }],
        ['TaskStateExited', 9, { name: 'ask' }],
        ['MapIterationSucceeded', 10, { name: 'each', index: 1 }],
        ['MapStateSucceeded', 11],
        ['MapStateExited', 11, { name: 'each' }],
        ['WaitStateEntered', 13, { name: 'nap' }],
      ),
    );
    expect(run.steps.map(({ name, parent, status }) => [name, parent, status])).toEqual([
      ['each', null, 'SUCCEEDED'],
      ['ask', 2, 'SUCCEEDED'],
      ['ask', 2, 'SUCCEEDED'],
      ['nap', null, 'WAITING'],
    ]);
  });
});

describe('a redrive', () => {
  it('opens the run again; a state that is entered again is a new step', () => {
    const run = foldRun(
      panel,
      history(
        ['ExecutionStarted', 0, { input: '{}' }],
        ['TaskStateEntered', 0, { name: 'ask' }],
        ['LambdaFunctionScheduled', 2],
        ['LambdaFunctionFailed', 3, { error: 'Boom' }],
        ['ExecutionFailed', 4, { error: 'Boom' }],
        ['ExecutionRedriven', 5, { redriveCount: 1 }],
        ['TaskStateEntered', 6, { name: 'ask' }],
        ['LambdaFunctionScheduled', 7],
      ),
    );
    expect(run.status).toBe('RUNNING');
    expect(run).not.toHaveProperty('stoppedAt');
    expect(run.steps).toMatchObject([
      { id: 2, status: 'FAILED' },
      { id: 7, status: 'WAITING', attempts: 1 },
    ]);
  });

  it('that only schedules the function again opens the failed step', () => {
    const run = foldRun(
      panel,
      history(
        ['ExecutionStarted', 0, { input: '{}' }],
        ['TaskStateEntered', 0, { name: 'ask' }],
        ['LambdaFunctionScheduled', 2],
        ['LambdaFunctionFailed', 3, { error: 'Boom' }],
        ['ExecutionFailed', 4, { error: 'Boom' }],
        ['ExecutionRedriven', 4],
        ['LambdaFunctionScheduled', 6],
      ),
    );
    expect(run.steps).toMatchObject([{ id: 2, status: 'WAITING', attempts: 2, stoppedAt: null }]);
  });
});

it('says which events close a run', () => {
  expect(closesRun({ type: 'ExecutionTimedOut' })).toBe(true);
  expect(closesRun({ type: 'ExecutionRedriven' })).toBe(false);
});

it('reads no spend out of an output that is cut short or is not a model result', () => {
  const run = foldRun(
    panel,
    history(
      ['ExecutionStarted', 0],
      ['TaskStateEntered', 0, { name: 'a' }],
      ['LambdaFunctionSucceeded', 2, { output: '{"object":"model.result","usage' }],
      ['TaskStateEntered', 0, { name: 'b' }],
      ['LambdaFunctionSucceeded', 4, { output: '{"text":"\\"model.result\\""}' }],
    ),
  );
  expect(run.steps).toMatchObject([{ usage: null }, { usage: null }]);
});
