import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  ListExecutionsCommand,
  paginateListExecutions,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { arn, ended, executionArn, started } from './execution.ts';
import { machine, passing, place, roleArn, served, waiting } from './served.ts';

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
