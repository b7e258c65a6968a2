import {
  CreateStateMachineCommand,
  ListExecutionsCommand,
  StartExecutionCommand,
  StartSyncExecutionCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { arn } from './execution.ts';
import { failing, passing, place, roleArn, served, sfnClient } from './served.ts';

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
