import { expect, test } from 'vitest';
import { ModelError } from '../../lib/model/errors.ts';
import { foldRun } from '../../lib/run/fold.ts';
import { history, modelResult } from './history.ts';

const usage = {
  inputTokens: 100,
  outputTokens: 20,
  totalTokens: 120,
  cachedInputTokens: 0,
  reasoningTokens: 5,
};

function failed(name: 'Model.OutputInvalid' | 'Model.Unavailable', paid: boolean) {
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
