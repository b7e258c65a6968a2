import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  RedriveExecutionCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, test, vi } from 'vitest';
import { memoryStore } from '../../../lib/local/endpoint/store.ts';
import { failing, machine, passing, place, roleArn, served, sfnClient, waiting } from './served.ts';

const arn = `${place}:stateMachine:m`;
const executionArn = `${place}:execution:m:one`;

async function started(client: SFNClient, definition: string, input?: string): Promise<void> {
  await client.send(new CreateStateMachineCommand({ name: 'm', definition, roleArn }));
  await client.send(
    new StartExecutionCommand({ stateMachineArn: arn, name: 'one', ...(input && { input }) }),
  );
}

async function ended(
  client: SFNClient,
  of = executionArn,
): Promise<DescribeExecutionCommandOutput> {
  return await vi.waitFor(async () => {
    const described = await client.send(new DescribeExecutionCommand({ executionArn: of }));
    expect(described.status).not.toBe('RUNNING');
    return described;
  });
}

describe('executions', () => {
  test('an execution is started, and described when it has ended', async () => {
    const { client } = await served();
    await started(client, passing, '{"a":1}');
    const { $metadata, startDate, stopDate, ...rest } = await ended(client);
    expect(startDate).toBeInstanceOf(Date);
    expect(stopDate?.getTime()).toBeGreaterThanOrEqual(startDate?.getTime() ?? 0);
    expect(rest).toEqual({
      executionArn,
      stateMachineArn: arn,
      name: 'one',
      status: 'SUCCEEDED',
      input: '{"a":1}',
      inputDetails: { included: true },
      output: '{"hello":"world"}',
      outputDetails: { included: true },
      redriveCount: 0,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    });
    const metadata = await client.send(
      new DescribeExecutionCommand({ executionArn, includedData: 'METADATA_ONLY' }),
    );
    expect(metadata).toMatchObject({ inputDetails: { included: false } });
    expect(metadata.input).toBeUndefined();
    expect(metadata.output).toBeUndefined();
  });

  test('the same name and input while it runs is the same execution', async () => {
    const { client } = await served();
    await started(client, waiting, '{"a":1}');
    const start = (input: string): StartExecutionCommand =>
      new StartExecutionCommand({ stateMachineArn: arn, name: 'one', input });
    expect((await client.send(start('{"a":1}'))).executionArn).toBe(executionArn);
    await expect(client.send(start('{"a":2}'))).rejects.toMatchObject({
      name: 'ExecutionAlreadyExists',
      message: `Execution Already Exists: '${executionArn}'`,
    });
    await client.send(new StopExecutionCommand({ executionArn }));
    await expect(client.send(start('{"a":1}'))).rejects.toMatchObject({
      name: 'ExecutionAlreadyExists',
    });
  });

  test("rejects input that is not JSON, in AWS's words", async () => {
    const { client } = await served();
    await client.send(new CreateStateMachineCommand({ name: 'm', definition: passing, roleArn }));
    const refused = async (input: string): Promise<string> =>
      await client.send(new StartExecutionCommand({ stateMachineArn: arn, input })).then(
        () => 'taken',
        (error: Error) => `${error.name} ${error.message}`,
      );
    const lead = 'InvalidExecutionInput Invalid State Machine Execution Input:';
    expect(await refused('not some json')).toBe(
      `${lead} 'Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')'`,
    );
    expect(await refused("{'not': 'json'}")).toBe(
      `${lead} 'Unexpected character (''' (code 39)): was expecting double-quote to start field name'`,
    );
    expect(await refused('')).toBe(`${lead} 'Invalid execution input.'`);
    expect(await refused(JSON.stringify('ä'.repeat(200_000)))).toMatch(lead);
    expect(await refused(`"${'x'.repeat(262_144)}"`)).toBe(
      "ValidationException 1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to 262144",
    );
    expect(await refused('1')).toBe('taken');
  });

  test('rejects an execution whose machine uses what nobody serves, by name, before it runs', async () => {
    const { client } = await served();
    const call = machine({
      Call: {
        Type: 'Task',
        Resource: 'arn:aws:lambda:us-east-1:123456789012:function:f',
        End: true,
      },
    });
    await expect(started(client, call)).rejects.toMatchObject({
      name: 'ValidationException',
      message:
        "The state 'Call' uses the resource 'arn:aws:lambda:us-east-1:123456789012:function:f', which is not served here. No Lambda functions are served here. Name a server that speaks the Invoke API: --lambda-endpoint URL.",
    });
    const { executions } = await client.send(new ListExecutionsCommand({ stateMachineArn: arn }));
    expect(executions).toEqual([]);
  });

  test('a stopped execution is ABORTED with its error and cause', async () => {
    const { client } = await served();
    await started(client, waiting);
    const { stopDate } = await client.send(
      new StopExecutionCommand({ executionArn, error: 'Enough', cause: 'I said so' }),
    );
    expect(await ended(client)).toMatchObject({
      status: 'ABORTED',
      error: 'Enough',
      cause: 'I said so',
      redriveStatus: 'REDRIVABLE',
      stopDate,
    });
  });

  test('rejects questions about an execution that is not there, or of an Express machine', async () => {
    const { client } = await served();
    const describe = (of: string): DescribeExecutionCommand =>
      new DescribeExecutionCommand({ executionArn: of });
    await expect(client.send(describe(executionArn))).rejects.toMatchObject({
      name: 'ExecutionDoesNotExist',
      message: `Execution Does Not Exist: '${executionArn}'`,
    });
    await expect(client.send(describe(`${place}:express:m:n:uuid`))).rejects.toMatchObject({
      name: 'InvalidArn',
      message: "Invalid Arn: 'Resource type not valid in this context: express'",
    });
  });

  test('executions are listed newest first, by status, page by page', async () => {
    const { client } = await served();
    await client.send(new CreateStateMachineCommand({ name: 'm', definition: passing, roleArn }));
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      await client.send(new StartExecutionCommand({ stateMachineArn: arn, name }));
    const pages: (string | undefined)[][] = [];
    const input = { stateMachineArn: arn, statusFilter: 'SUCCEEDED' as const };
    for await (const page of paginateListExecutions({ client, pageSize: 2 }, input))
      pages.push((page.executions ?? []).map(({ name }) => name));
    expect(pages).toEqual([['e', 'd'], ['c', 'b'], ['a']]);
    const running = await client.send(
      new ListExecutionsCommand({ stateMachineArn: arn, statusFilter: 'RUNNING' }),
    );
    expect(running.executions).toEqual([]);
    await expect(
      client.send(
        new ListExecutionsCommand({ stateMachineArn: arn, statusFilter: 'succeeded' as 'FAILED' }),
      ),
    ).rejects.toThrow(
      "1 validation error detected: Value 'succeeded' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]",
    );
  });
});

describe('the history', () => {
  test("holds the events as AWS's API has them", async () => {
    const { client } = await served();
    await started(client, passing);
    await ended(client);
    const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
    const shown = events?.map(({ timestamp, ...event }) => event);
    expect(shown).toEqual([
      {
        id: 1,
        previousEventId: 0,
        type: 'ExecutionStarted',
        executionStartedEventDetails: { input: '{}', inputDetails: { truncated: false }, roleArn },
      },
      {
        id: 2,
        previousEventId: 0,
        type: 'PassStateEntered',
        stateEnteredEventDetails: {
          name: 'Greet',
          input: '{}',
          inputDetails: { truncated: false },
        },
      },
      {
        id: 3,
        previousEventId: 2,
        type: 'PassStateExited',
        stateExitedEventDetails: {
          name: 'Greet',
          output: '{"hello":"world"}',
          outputDetails: { truncated: false },
        },
      },
      {
        id: 4,
        previousEventId: 3,
        type: 'ExecutionSucceeded',
        executionSucceededEventDetails: {
          output: '{"hello":"world"}',
          outputDetails: { truncated: false },
        },
      },
    ]);
    expect(events?.every(({ timestamp }) => timestamp instanceof Date)).toBe(true);
  });

  test('comes page by page, forwards and backwards', async () => {
    const { client } = await served();
    await started(client, passing);
    await ended(client);
    const ids = async (reverseOrder: boolean): Promise<(number | undefined)[][]> => {
      const pages: (number | undefined)[][] = [];
      const input = { executionArn, reverseOrder };
      for await (const page of paginateGetExecutionHistory({ client, pageSize: 3 }, input))
        pages.push((page.events ?? []).map(({ id }) => id));
      return pages;
    };
    expect(await ids(false)).toEqual([[1, 2, 3], [4]]);
    expect(await ids(true)).toEqual([[4, 3, 2], [1]]);
  });

  test('of large events comes in pages that a client can hold', async () => {
    const { client } = await served();
    const states = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [
        `S${i}`,
        { Type: 'Pass', ...(i < 39 ? { Next: `S${i + 1}` } : { End: true }) },
      ]),
    );
    await started(client, machine(states), JSON.stringify('x'.repeat(260_000)));
    await ended(client);
    const lengths: number[] = [];
    const input = { executionArn };
    for await (const page of paginateGetExecutionHistory({ client, pageSize: 1000 }, input))
      lengths.push(page.events?.length ?? 0);
    expect(lengths.length).toBeGreaterThan(3);
    expect(lengths.reduce((sum, each) => sum + each)).toBe(82);
  });

  test('leaves the data out where it is asked to', async () => {
    const { client } = await served();
    await started(client, passing, '{"secret":"canary"}');
    await ended(client);
    const { events } = await client.send(
      new GetExecutionHistoryCommand({ executionArn, includeExecutionData: false }),
    );
    expect(events).toHaveLength(4);
    expect(JSON.stringify(events)).not.toMatch(/canary|world/);
  });

  test('an aborted execution tells no details where none were given', async () => {
    const { client } = await served();
    await started(client, waiting);
    await client.send(new StopExecutionCommand({ executionArn }));
    const { events } = await client.send(
      new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 1 }),
    );
    expect(events?.[0]).toMatchObject({
      type: 'ExecutionAborted',
      executionAbortedEventDetails: {},
    });
  });
});

describe('redrive', () => {
  test('runs again what failed, under the same ARN, and counts', async () => {
    let calls = 0;
    const functions = {
      refuse: () => undefined,
      invoke: async () => {
        if (++calls === 2) throw new Error('the second call breaks');
        return { payload: String(calls), statusCode: 200, requestId: 'r', executedVersion: '1' };
      },
    };
    const { client } = await served({ functions });
    const step = (next: object): object => ({
      Type: 'Task',
      Resource: 'arn:aws:lambda:us-east-1:123456789012:function:f',
      ...next,
    });
    await started(
      client,
      machine({ First: step({ Next: 'Second' }), Second: step({ End: true }) }),
    );
    expect(await ended(client)).toMatchObject({ status: 'FAILED', redriveStatus: 'REDRIVABLE' });
    const redrive = new RedriveExecutionCommand({ executionArn, clientToken: 'once' });
    const { redriveDate } = await client.send(redrive);
    expect((await client.send(redrive)).redriveDate).toEqual(redriveDate);
    expect(await ended(client)).toMatchObject({
      status: 'SUCCEEDED',
      output: '3',
      redriveCount: 1,
      redriveDate,
    });
    expect(calls).toBe(3);
    const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
    expect(events?.filter(({ type }) => type === 'ExecutionRedriven')).toMatchObject([
      { executionRedrivenEventDetails: { redriveCount: 1 } },
    ]);
  });

  test('rejects an execution that runs or has succeeded', async () => {
    const { client } = await served();
    await started(client, passing);
    await ended(client);
    await expect(client.send(new RedriveExecutionCommand({ executionArn }))).rejects.toMatchObject({
      name: 'ExecutionNotRedrivable',
      message: expect.stringContaining('Execution is SUCCEEDED and cannot be redriven'),
    });
  });
});

describe('Express', () => {
  const express = (definition: string): CreateStateMachineCommand =>
    new CreateStateMachineCommand({ name: 'm', definition, roleArn, type: 'EXPRESS' });

  test('StartSyncExecution answers with the result; a failed run is no error of the call', async () => {
    const { client, url } = await served();
    // The SDK would call sync-127.0.0.1, a name that no resolver knows.
    const sync = sfnClient(url, { disableHostPrefix: true });
    await client.send(express(failing));
    const failed = await sync.send(new StartSyncExecutionCommand({ stateMachineArn: arn }));
    expect(failed).toMatchObject({
      status: 'FAILED',
      error: 'Oh.No',
      cause: 'on purpose',
      stateMachineArn: arn,
      input: '{}',
      inputDetails: { included: true },
      billingDetails: { billedDurationInMilliseconds: 100, billedMemoryUsedInMB: 64 },
    });
    expect(failed.executionArn).toMatch(/:express:m:[0-9a-f-]{36}:[0-9a-f-]{36}$/);
  });

  test('rejects StartSyncExecution of a Standard machine and ListExecutions of an Express one', async () => {
    const { client, url } = await served();
    const sync = sfnClient(url, { disableHostPrefix: true });
    await client.send(new CreateStateMachineCommand({ name: 'm', definition: passing, roleArn }));
    const unsupported = {
      name: 'StateMachineTypeNotSupported',
      message: 'This operation is not supported by this type of state machine',
    };
    await expect(
      sync.send(new StartSyncExecutionCommand({ stateMachineArn: arn })),
    ).rejects.toMatchObject(unsupported);
    await client.send(
      new CreateStateMachineCommand({ name: 'x', definition: passing, roleArn, type: 'EXPRESS' }),
    );
    const stateMachineArn = `${place}:stateMachine:x`;
    await expect(client.send(new ListExecutionsCommand({ stateMachineArn }))).rejects.toMatchObject(
      unsupported,
    );
    const { executionArn: asynchronous } = await client.send(
      new StartExecutionCommand({ stateMachineArn }),
    );
    expect(asynchronous).toContain(':express:x:');
  });
});

describe('a durable store', () => {
  test('another endpoint on it goes on with what was open, and knows the task tokens', async () => {
    const tokens: string[] = [];
    const functions = {
      refuse: () => undefined,
      invoke: async ({ payload }: { readonly payload: string }) => {
        tokens.push(JSON.parse(payload));
        return { payload: 'null', statusCode: 200, requestId: 'r', executedVersion: '1' };
      },
    };
    const kept = { store: { ...memoryStore(), durable: true }, tokenSecret: 'the same' };
    const ask = machine({
      Done: { Type: 'Pass', Next: 'Ask' },
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Parameters: { FunctionName: 'ask', 'Payload.$': 'States.JsonToString($$.Task.Token)' },
        End: true,
      },
    });
    const first = await served({ functions }, kept);
    await started(first.client, ask);
    await vi.waitFor(() =>
      expect(kept.store.history(executionArn).at(-1)?.type).toBe('TaskSubmitted'),
    );
    await first.close();
    const second = await served({ functions }, kept);
    await second.client.send(
      new SendTaskSuccessCommand({ taskToken: tokens[0], output: '"late, but not too late"' }),
    );
    expect(await ended(second.client)).toMatchObject({
      status: 'SUCCEEDED',
      output: '"late, but not too late"',
    });
    const { events } = await second.client.send(new GetExecutionHistoryCommand({ executionArn }));
    expect(events?.map(({ id }) => id)).toEqual(events?.map((_, index) => index + 1));
    expect(tokens).toHaveLength(1);
  });
});
