import { GetExecutionHistoryCommand, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test, vi } from 'vitest';
import { memoryStore } from '../../../lib/local/endpoint/store.ts';
import { ended, executionArn, started } from './execution.ts';
import { machine, served } from './served.ts';

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
