import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it } from 'vitest';
import { createCloudRunner } from '../../lib/cloud/cloud-runner.ts';
import { manifest } from './manifest.ts';

const startDate = new Date('2026-01-01T00:00:00Z');
const stopDate = new Date('2026-01-01T00:00:09Z');

/** A runner whose history lags behind: it knows the start of the run only. */
function setUp(described: Partial<DescribeExecutionOutput>) {
  const client = new SFNClient({ region: 'eu-central-1' });
  const mock = mockClient(client);
  mock.on(DescribeExecutionCommand).resolves({ startDate, input: '{"text":"x"}', ...described });
  mock.on(GetExecutionHistoryCommand).resolves({
    events: [
      {
        id: 1,
        timestamp: startDate,
        type: 'ExecutionStarted',
        executionStartedEventDetails: { input: '{"text":"x"}' },
      },
    ],
  });
  mock.on(ListExecutionsCommand).resolves({
    executions: [
      {
        name: 'a',
        status: 'PENDING_REDRIVE',
        startDate,
        executionArn: undefined,
        stateMachineArn: undefined,
      },
    ],
  });
  return createCloudRunner({ manifest, client });
}

it('believes AWS that a run has succeeded before its history says so', async () => {
  const runner = setUp({ status: 'SUCCEEDED', stopDate, output: '[1]' });
  expect(await runner.get('echo', 'a')).toMatchObject({
    status: 'SUCCEEDED',
    startedAt: startDate.toISOString(),
    stoppedAt: stopDate.toISOString(),
    output: [1],
  });
});

it('believes AWS that a run has failed, with or without a reason', async () => {
  const failed = setUp({ status: 'FAILED', stopDate, error: 'Boom', cause: 'because' });
  expect(await failed.get('echo', 'a')).toMatchObject({ error: 'Boom', cause: 'because' });
  const late = setUp({ status: 'TIMED_OUT', stopDate });
  expect(await late.get('echo', 'a')).toMatchObject({
    status: 'TIMED_OUT',
    error: null,
    cause: null,
  });
});

it('counts a run that waits to be redriven as running', async () => {
  const runner = setUp({ status: 'PENDING_REDRIVE' });
  expect((await runner.get('echo', 'a')).status).toBe('RUNNING');
  expect(await runner.list('echo')).toMatchObject([{ status: 'RUNNING', stoppedAt: null }]);
});
