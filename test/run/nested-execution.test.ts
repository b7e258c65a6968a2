import { describe, expect, it } from 'vitest';
import { startedExecution, toldFailure } from '../../lib/run/nested-execution.ts';

const arn = 'arn:aws:states:us-east-1:123456789012:execution:inner:one';
const described = {
  ExecutionArn: arn,
  Input: '{"prompt":"secret"}',
  Status: 'FAILED',
  Error: 'Model.Refused',
  Cause: 'because',
};

describe('the failure of a task that was an execution', () => {
  it('is told by the execution’s own error and cause', () => {
    expect(toldFailure('States.TaskFailed', JSON.stringify(described))).toEqual({
      error: 'Model.Refused',
      cause: 'because',
    });
  });

  it('says how the execution ended where it has no error', () => {
    const aborted = { ...described, Status: 'ABORTED', Error: undefined, Cause: undefined };
    expect(toldFailure('States.TaskFailed', JSON.stringify(aborted))).toEqual({
      error: 'States.TaskFailed',
      cause: `The execution ${arn} ended ABORTED.`,
    });
  });

  it('holds no input, also where the description was cut short', () => {
    const cut = JSON.stringify(described).slice(0, -5);
    expect(toldFailure('States.TaskFailed', cut)).toEqual({
      error: 'States.TaskFailed',
      cause: `The execution ${arn} ended FAILED.`,
    });
  });

  it.each([
    ['Flaky', JSON.stringify(described)],
    ['States.TaskFailed', 'plain text'],
    ['States.TaskFailed', '{"errorMessage":"no"}'],
  ])('leaves any other as it is: %s %s', (error, cause) => {
    expect(toldFailure(error, cause)).toEqual({ error, cause });
  });

  it('is null where nothing is told', () => {
    expect(toldFailure(undefined, undefined)).toEqual({ error: null, cause: null });
  });
});

describe('the execution that a task has started', () => {
  it('is in its first answer', () => {
    expect(startedExecution(JSON.stringify({ ExecutionArn: arn }))).toBe(arn);
  });

  it.each([undefined, '{}', '{"ExecutionArn":1}', 'ExecutionArn', '{"ExecutionArn":'])(
    'is none in %j',
    (output) => {
      expect(startedExecution(output)).toBeUndefined();
    },
  );
});
