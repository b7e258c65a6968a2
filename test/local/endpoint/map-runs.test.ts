import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  DescribeStateMachineForExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  RedriveExecutionCommand,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateMapRunCommand,
} from '@aws-sdk/client-sfn';
import { expect, test, vi } from 'vitest';
import { TaskFailure } from '../../../lib/engine/task/task-port.ts';
import { machine, place, roleArn, served } from './served.ts';

const executionArn = `${place}:execution:m:one`;

function mapOver(item: object, more: object = {}): string {
  return machine({
    Each: {
      Type: 'Map',
      Label: 'each',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Item',
        States: { Item: item },
      },
      ...more,
      End: true,
    },
  });
}

async function startMap(client: SFNClient, definition: string): Promise<string> {
  await client.send(new CreateStateMachineCommand({ name: 'm', definition, roleArn }));
  const stateMachineArn = `${place}:stateMachine:m`;
  await client.send(new StartExecutionCommand({ stateMachineArn, name: 'one', input: '[1,2,3]' }));
  return await vi.waitFor(async () => {
    const { mapRuns } = await client.send(new ListMapRunsCommand({ executionArn }));
    expect(mapRuns).toHaveLength(1);
    return mapRuns?.[0]?.mapRunArn as string;
  });
}

test('a Map Run is described, and its children are executions of their own', async () => {
  const { client } = await served();
  const mapRunArn = await startMap(client, mapOver({ Type: 'Pass', End: true }));
  expect(mapRunArn).toMatch(new RegExp(`^${place}:mapRun:m/each:[0-9a-f-]{36}$`));
  const run = await vi.waitFor(async () => {
    const described = await client.send(new DescribeMapRunCommand({ mapRunArn }));
    expect(described.status).toBe('SUCCEEDED');
    return described;
  });
  expect(run).toMatchObject({
    executionArn,
    maxConcurrency: 0,
    itemCounts: { total: 3, succeeded: 3, failed: 0, running: 0, pending: 0 },
    redriveCount: 0,
  });
  const { executions } = await client.send(new ListExecutionsCommand({ mapRunArn }));
  expect(executions?.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
  const child = executions?.at(-1)?.executionArn;
  expect(await client.send(new DescribeExecutionCommand({ executionArn: child }))).toMatchObject({
    mapRunArn,
    input: '1',
    output: '1',
    stateMachineArn: `${place}:stateMachine:m/each`,
  });
  const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn: child }));
  expect(events?.map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'PassStateEntered',
    'PassStateExited',
    'ExecutionSucceeded',
  ]);
  const machineOfChild = await client.send(
    new DescribeStateMachineForExecutionCommand({ executionArn: child }),
  );
  expect(machineOfChild).toMatchObject({ mapRunArn, label: 'each', name: 'm/each' });
});

test('the limits of a Map Run are changed while it runs', async () => {
  const { client } = await served();
  const hold = { Type: 'Wait', Seconds: 3600, End: true };
  const mapRunArn = await startMap(client, mapOver(hold, { MaxConcurrency: 1 }));
  const counts = async () => {
    const run = await client.send(new DescribeMapRunCommand({ mapRunArn }));
    return [run.maxConcurrency, run.itemCounts?.running, run.itemCounts?.pending];
  };
  expect(await counts()).toEqual([1, 1, 2]);
  await client.send(
    new UpdateMapRunCommand({ mapRunArn, maxConcurrency: 2, toleratedFailureCount: 1 }),
  );
  expect(await counts()).toEqual([2, 2, 1]);
  await client.send(new StopExecutionCommand({ executionArn }));
  expect(await client.send(new DescribeMapRunCommand({ mapRunArn }))).toMatchObject({
    status: 'ABORTED',
    toleratedFailureCount: 1,
    itemCounts: { aborted: 2, pending: 1 },
  });
  const { executions } = await client.send(new ListExecutionsCommand({ mapRunArn }));
  expect(executions?.map(({ status }) => status)).toEqual(['ABORTED', 'ABORTED']);
});

test('a redriven Map Run runs its failed children again, and only those', async () => {
  const called: number[] = [];
  const functions = {
    refuse: () => undefined,
    invoke: async ({ payload }: { readonly payload: string }) => {
      called.push(Number(payload));
      if (payload === '2' && called.filter((each) => each === 2).length === 1)
        throw new TaskFailure('Once');
      return { payload, statusCode: 200, requestId: 'r', executedVersion: '1' };
    },
  };
  const { client } = await served({ functions });
  const Resource = 'arn:aws:lambda:eu-central-1:123456789012:function:f';
  const definition = mapOver({ Type: 'Task', Resource, End: true }, { ToleratedFailureCount: 0 });
  const mapRunArn = await startMap(client, definition);
  const status = async (wanted: string): Promise<void> =>
    await vi.waitFor(async () => {
      const execution = await client.send(new DescribeExecutionCommand({ executionArn }));
      expect(execution.status).toBe(wanted);
    });
  await status('FAILED');
  const failed = await client.send(
    new ListExecutionsCommand({ mapRunArn, statusFilter: 'FAILED' }),
  );
  const child = failed.executions?.[0]?.executionArn;
  expect(await client.send(new DescribeExecutionCommand({ executionArn: child }))).toMatchObject({
    error: 'Once',
    redriveStatus: 'REDRIVABLE_BY_MAP_RUN',
  });
  await expect(
    client.send(new RedriveExecutionCommand({ executionArn: child })),
  ).rejects.toMatchObject({ name: 'ExecutionNotRedrivable' });
  await client.send(new RedriveExecutionCommand({ executionArn }));
  await status('SUCCEEDED');
  expect(called.filter((each) => each === 2)).toHaveLength(2);
  expect(called.filter((each) => each === 1)).toHaveLength(1);
  expect(await client.send(new DescribeMapRunCommand({ mapRunArn }))).toMatchObject({
    status: 'SUCCEEDED',
    redriveCount: 1,
    itemCounts: { total: 3, succeeded: 3, failed: 0 },
  });
  expect(await client.send(new DescribeExecutionCommand({ executionArn: child }))).toMatchObject({
    status: 'SUCCEEDED',
    redriveCount: 1,
  });
});

test('rejects a Map Run that is not there, and a list by both ARNs', async () => {
  const { client } = await served();
  const mapRunArn = `${place}:mapRun:m/each:none`;
  await expect(client.send(new DescribeMapRunCommand({ mapRunArn }))).rejects.toMatchObject({
    name: 'ResourceNotFound',
  });
  await expect(
    client.send(
      new ListExecutionsCommand({ mapRunArn, stateMachineArn: `${place}:stateMachine:m` }),
    ),
  ).rejects.toMatchObject({ name: 'ValidationException' });
});
