import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { expect, vi } from 'vitest';
import { place, roleArn } from './served.ts';

/** The machine of these tests, and the execution of it that `started` starts. */
export const arn = `${place}:stateMachine:m`;
export const executionArn = `${place}:execution:m:one`;

/** Creates the machine and starts its execution. */
export async function started(
  client: SFNClient,
  definition: string,
  input?: string,
): Promise<void> {
  await client.send(new CreateStateMachineCommand({ name: 'm', definition, roleArn }));
  await client.send(
    new StartExecutionCommand({ stateMachineArn: arn, name: 'one', ...(input && { input }) }),
  );
}

/** The execution, once it runs no more. */
export async function ended(
  client: SFNClient,
  of = executionArn,
): Promise<DescribeExecutionCommandOutput> {
  return await vi.waitFor(async () => {
    const described = await client.send(new DescribeExecutionCommand({ executionArn: of }));
    expect(described.status).not.toBe('RUNNING');
    return described;
  });
}
