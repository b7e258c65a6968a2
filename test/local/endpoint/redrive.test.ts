import { GetExecutionHistoryCommand, RedriveExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { ended, executionArn, started } from './execution.ts';
import { machine, passing, served } from './served.ts';

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
