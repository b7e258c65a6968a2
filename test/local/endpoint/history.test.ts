import {
  GetExecutionHistoryCommand,
  paginateGetExecutionHistory,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { ended, executionArn, started } from './execution.ts';
import { machine, passing, roleArn, served, waiting } from './served.ts';

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
