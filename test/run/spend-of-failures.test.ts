import { expect, test } from 'vitest';
import { ModelError, type ModelErrorName } from '../../lib/model/errors.ts';
import { foldRun } from '../../lib/run/fold.ts';
import { history, modelResult } from './history.ts';

const usage = {
  inputTokens: 100,
  outputTokens: 20,
  totalTokens: 120,
  cachedInputTokens: 0,
  reasoningTokens: 5,
};

function failed(name: ModelErrorName, paid: boolean) {
  const bare = new ModelError(name, 'It failed.', { provider: 'openai', model: 'm' });
  const error = paid ? bare.withSpend({ usage, price: { usd: 0.5 } }) : bare;
  return {
    error: name,
    cause: JSON.stringify({ errorType: name, errorMessage: error.message, trace: [] }),
  };
}

test('a run counts the tokens of the attempts that failed, retried or not', () => {
  const run = foldRun(
    { id: 'r', workflow: 'w', startedAt: '2026-01-01T00:00:00.000Z' },
    history(
      ['ExecutionStarted', 0, { input: '{}' }],
      ['TaskStateEntered', 1, { name: 'ask' }],
      ['LambdaFunctionScheduled', 2],
      ['LambdaFunctionStarted', 3],
      ['LambdaFunctionFailed', 4, failed('Model.Unavailable', true)],
      ['LambdaFunctionScheduled', 5],
      ['LambdaFunctionStarted', 6],
      ['LambdaFunctionFailed', 7, failed('Model.Unavailable', false)],
      ['LambdaFunctionScheduled', 8],
      ['LambdaFunctionStarted', 9],
      ['LambdaFunctionSucceeded', 10, { output: modelResult('m', 10, 0.25) }],
      ['TaskStateExited', 11, { name: 'ask', output: '{}' }],
      ['TaskStateEntered', 12, { name: 'again' }],
      ['LambdaFunctionScheduled', 13],
      ['LambdaFunctionFailed', 14, failed('Model.OutputInvalid', true)],
      ['ExecutionFailed', 15, failed('Model.OutputInvalid', true)],
    ),
  );
  const [ask, again] = run.steps;
  expect(ask?.usage?.totalTokens).toBe(120 + 20);
  expect(ask).toMatchObject({ price: { usd: 0.75 }, model: 'm', attempts: 3 });
  expect(again).toMatchObject({ usage: { totalTokens: 120 }, status: 'FAILED' });
  expect(run.usage.totalTokens).toBe(120 + 20 + 120);
  expect(run.price).toEqual({ usd: 1.25 });
});

test('a run counts the tokens of an answer whose repair was put off', () => {
  const run = foldRun(
    { id: 'r', workflow: 'w', startedAt: '2026-01-01T00:00:00.000Z' },
    history(
      ['ExecutionStarted', 0, { input: '{}' }],
      ['TaskStateEntered', 1, { name: 'ask' }],
      ['LambdaFunctionScheduled', 2],
      ['LambdaFunctionStarted', 3],
      ['LambdaFunctionFailed', 4, failed('Model.Deferred', true)],
      ['TaskStateExited', 5, { name: 'ask', output: '{}' }],
      ['WaitStateEntered', 6, { name: 'ask waits' }],
      ['WaitStateExited', 7, { name: 'ask waits' }],
      ['TaskStateEntered', 8, { name: 'ask' }],
      ['LambdaFunctionScheduled', 9],
      ['LambdaFunctionStarted', 10],
      ['LambdaFunctionSucceeded', 11, { output: modelResult('m', 10, 0.25) }],
      ['TaskStateExited', 12, { name: 'ask', output: '{}' }],
      ['ExecutionSucceeded', 13, { output: '{}' }],
    ),
  );
  expect(run.steps).toMatchObject([
    { usage: { totalTokens: 120 + 20 }, deferrals: 1, attempts: 1 },
  ]);
  expect(run.usage.totalTokens).toBe(120 + 20);
  expect(run.price).toEqual({ usd: 0.75 });
});
