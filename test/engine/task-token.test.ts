import { expect, test } from 'vitest';
import { loadMachine } from '../../lib/engine/machine.ts';
import type { JsonObject } from '../../lib/json.ts';
import { ended, engineWith, type Handler } from './harness.ts';

function asking(more: JsonObject = {}): JsonObject {
  return {
    QueryLanguage: 'JSONata',
    StartAt: 'Ask',
    States: {
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
        Arguments: { MessageBody: { token: '{% $states.context.Task.Token %}' } },
        End: true,
        ...more,
      },
    },
  };
}

/** Starts a machine that hands its token out, and waits for it. */
async function asked(more?: JsonObject) {
  let given: (token: string) => void = () => {};
  const token = new Promise<string>((resolve) => {
    given = resolve;
  });
  const send: Handler = (input) => {
    given((input as { MessageBody: { token: string } }).MessageBody.token);
    return { MessageId: '1' };
  };
  const engine = engineWith({ 'sendMessage.waitForTaskToken': send });
  const execution = engine.start(loadMachine(asking(more)));
  return { engine, execution, token: await token };
}

test('goes on with what the token brings', async () => {
  const { engine, execution, token } = await asked();
  engine.sendTaskSuccess(token, '{"yes":true}');
  const { output, history } = await ended(execution);
  expect(output).toEqual({ yes: true });
  expect(history.map(({ type }) => type)).toContain('TaskSucceeded');
  expect(history.find(({ type }) => type === 'TaskScheduled')?.details).toMatchObject({
    resource: 'sendMessage.waitForTaskToken',
    resourceType: 'sqs',
    region: 'us-east-1',
  });
});

test('records what the service answered before the token came', async () => {
  const { engine, execution, token } = await asked();
  await expect.poll(() => execution.history.at(-1)?.type).toBe('TaskSubmitted');
  expect(execution.history.at(-1)?.details).toMatchObject({ output: '{"MessageId":"1"}' });
  engine.sendTaskSuccess(token, '1');
  await execution.done;
});

test('fails with the error that the token brings', async () => {
  const { engine, execution, token } = await asked();
  engine.sendTaskFailure(token, 'Refused', 'no');
  expect((await ended(execution)).outcome).toEqual({
    status: 'FAILED',
    error: 'Refused',
    cause: 'no',
  });
});

test('rejects a token that comes twice, and keeps the first answer', async () => {
  const { engine, execution, token } = await asked();
  engine.sendTaskSuccess(token, '1');
  const { output } = await ended(execution);
  expect(() => engine.sendTaskSuccess(token, '2')).toThrow(
    expect.objectContaining({ name: 'TaskTimedOut' }),
  );
  expect(output).toBe(1);
});

test('rejects a token that comes after its task has timed out', async () => {
  const { engine, execution, token } = await asked({ TimeoutSeconds: 3_600 });
  const { outcome, seconds } = await ended(execution);
  expect(outcome).toEqual({ status: 'FAILED', error: 'States.Timeout' });
  expect(seconds).toBe(3_600);
  expect(() => engine.sendTaskSuccess(token, '1')).toThrow('does not exist anymore');
});

test('rejects a token that nobody gave out', () => {
  const engine = engineWith({});
  expect(() => engine.sendTaskHeartbeat('made up')).toThrow(
    expect.objectContaining({ name: 'InvalidToken' }),
  );
});

test('rejects output that is not JSON, and waits on', async () => {
  const { engine, execution, token } = await asked();
  expect(() => engine.sendTaskSuccess(token, '{')).toThrow(
    expect.objectContaining({ name: 'InvalidOutput' }),
  );
  engine.sendTaskSuccess(token, '{}');
  expect((await ended(execution)).output).toEqual({});
});

test('times out when the heartbeats stop', async () => {
  const { engine, execution, token } = await asked({ HeartbeatSeconds: 10, TimeoutSeconds: 600 });
  const beat = (times: number): void => {
    if (times === 0) return;
    engine.clock.setTimer(8_000, () => {
      engine.sendTaskHeartbeat(token);
      beat(times - 1);
    });
  };
  beat(3);
  const { outcome, seconds } = await ended(execution);
  expect(outcome).toEqual({ status: 'FAILED', error: 'States.HeartbeatTimeout' });
  expect(seconds).toBe(34);
});

test('waits forever for a token that never comes, until it is stopped', async () => {
  const { engine, execution, token } = await asked();
  await expect.poll(() => execution.history.at(-1)?.type).toBe('TaskSubmitted');
  expect(execution.status).toBe('RUNNING');
  execution.stop('Enough', 'nobody answers');
  expect((await ended(execution)).outcome).toEqual({
    status: 'ABORTED',
    error: 'Enough',
    cause: 'nobody answers',
  });
  expect(() => engine.sendTaskSuccess(token, '1')).toThrow('does not exist anymore');
});

test('gives each retry a token of its own', async () => {
  const tokens: string[] = [];
  const engine = engineWith({
    'sendMessage.waitForTaskToken': (input) => {
      tokens.push((input as { MessageBody: { token: string } }).MessageBody.token);
      return null;
    },
  });
  const retry = { Retry: [{ ErrorEquals: ['Again'], MaxAttempts: 1 }] };
  const execution = engine.start(loadMachine(asking(retry)));
  await expect.poll(() => tokens.length).toBe(1);
  engine.sendTaskFailure(tokens[0] as string, 'Again');
  await expect.poll(() => tokens.length).toBe(2);
  expect(tokens[1]).not.toBe(tokens[0]);
  engine.sendTaskSuccess(tokens[1] as string, '"done"');
  expect((await ended(execution)).output).toBe('done');
});

const ACTIVITY = 'arn:aws:states:us-east-1:123456789012:activity:hand';

test('hands an activity to the worker that asks, and takes its answer', async () => {
  const engine = engineWith({});
  const machine = loadMachine({
    StartAt: 'Do',
    States: { Do: { Type: 'Task', Resource: ACTIVITY, HeartbeatSeconds: 5, End: true } },
  });
  const execution = engine.start(machine, { input: '{"n":1}' });
  const { signal } = new AbortController();
  const work = await engine.getActivityTask(ACTIVITY, { workerName: 'w', signal });
  expect(work?.input).toBe('{"n":1}');
  engine.sendTaskSuccess(work?.taskToken ?? '', '2');
  const { output, types } = await ended(execution);
  expect(output).toBe(2);
  expect(types.slice(2, 5)).toEqual(['ActivityScheduled', 'ActivityStarted', 'ActivitySucceeded']);
});

test('gives a worker nothing when it stops asking', async () => {
  const controller = new AbortController();
  const asking = engineWith({}).getActivityTask(ACTIVITY, { signal: controller.signal });
  controller.abort();
  expect(await asking).toBeUndefined();
});
