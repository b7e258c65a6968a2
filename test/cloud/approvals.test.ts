import { GetExecutionHistoryCommand, SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createCloudRunner } from '../../lib/cloud/cloud-runner.ts';
import type { Manifest } from '../../lib/run/manifest.ts';

const manifest: Manifest = {
  version: 1,
  workflows: [
    {
      name: 'review',
      description: null,
      inputSchema: {},
      definitionHash: '',
      stateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:review',
    },
  ],
};

const aws = mockClient(SFNClient);
const runner = createCloudRunner({ manifest, client: aws as unknown as SFNClient });
const waiting = { resource: 'invoke.waitForTaskToken', resourceType: 'lambda' };
const approval = {
  workflow: 'review',
  run: 'r1',
  step: 'publish',
  question: 'Publish?',
  timeoutSeconds: 60,
};
const parameters = JSON.stringify({ Payload: { token: 'token-canary', approval } });
const said = { approved: false, comment: 'Not yet.', by: 'Ada' };

/** The history of a run that asks, as GetExecutionHistory tells it. */
function history(...more: object[]) {
  const events = [
    { type: 'ExecutionStarted', executionStartedEventDetails: { input: '{}' } },
    { type: 'TaskStateEntered', stateEnteredEventDetails: { name: 'publish' } },
    { type: 'TaskScheduled', taskScheduledEventDetails: { ...waiting, parameters } },
    { type: 'TaskStarted', taskStartedEventDetails: waiting },
    {
      type: 'TaskSubmitted',
      taskSubmittedEventDetails: { ...waiting, output: '{"Payload":{"id":"a1"}}' },
    },
    ...more,
  ].map((event, index) => ({
    ...event,
    id: index + 1,
    previousEventId: index,
    timestamp: new Date(Date.UTC(2026, 0, 1)),
  }));
  return { events: events as never };
}

beforeEach(() => {
  aws.reset();
  aws.on(GetExecutionHistoryCommand).resolves(history());
});

describe('approvals in AWS', () => {
  it('are listed from the history, without their tokens', async () => {
    const listed = await runner.approvals('review', 'r1');
    expect(listed).toMatchObject([
      { id: 'a1', step: 'publish', question: 'Publish?', waits: true },
    ]);
    expect(JSON.stringify(listed)).not.toContain('canary');
  });

  it('are answered by their tokens', async () => {
    aws.on(SendTaskSuccessCommand).resolves({});
    expect(await runner.answer('review', 'r1', 'a1', said)).toMatchObject({
      answer: said,
      waits: false,
    });
    const [call] = aws.commandCalls(SendTaskSuccessCommand);
    expect(call?.args[0].input).toEqual({
      taskToken: 'token-canary',
      output: JSON.stringify({ ...said, how: 'answered' }),
    });
  });

  it('are refused when another answer was quicker, and say which', async () => {
    const answer = { approved: true, comment: null, by: 'Bob', how: 'answered' };
    const succeeded = { output: JSON.stringify(answer) };
    aws
      .on(GetExecutionHistoryCommand)
      .resolvesOnce(history())
      .resolves(history({ type: 'TaskSucceeded', taskSucceededEventDetails: succeeded }));
    aws.on(SendTaskSuccessCommand).rejects(Object.assign(new Error(), { name: 'TaskTimedOut' }));
    await expect(runner.answer('review', 'r1', 'a1', said)).rejects.toThrow(
      "The approval 'publish' is answered already: it was approved by Bob.",
    );
    await expect(runner.answer('review', 'r1', 'a1', said)).rejects.toMatchObject({
      name: 'RunConflict',
    });
  });

  it('rejects an approval that is not known, and a fault of AWS without the token', async () => {
    await expect(runner.answer('review', 'r1', 'a2', said)).rejects.toMatchObject({
      name: 'ApprovalNotFound',
    });
    const denied = Object.assign(new Error('token-canary'), { name: 'AccessDeniedException' });
    aws.on(SendTaskSuccessCommand).rejects(denied);
    const failure = await runner.answer('review', 'r1', 'a1', said).catch((error) => error);
    expect(failure).toMatchObject({ name: 'Cloud.AccessDenied' });
    expect(String(failure)).not.toContain('canary');
  });

  it('are in events without their tokens', async () => {
    const closed = history({ type: 'ExecutionAborted', executionAbortedEventDetails: {} });
    aws.on(GetExecutionHistoryCommand).resolves(closed);
    const events = [];
    for await (const event of runner.events('review', 'r1')) events.push(event);
    expect(events).toHaveLength(6);
    expect(JSON.stringify(events)).toContain('[task token]');
    expect(JSON.stringify(events)).not.toContain('canary');
  });
});
