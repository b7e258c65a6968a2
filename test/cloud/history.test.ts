import type { GetExecutionHistoryOutput } from '@aws-sdk/client-sfn';
import { expect, it } from 'vitest';
import { createHistoryReader } from '../../lib/cloud/history.ts';
import { eventOf } from '../../lib/run/aws-history.ts';

const timestamp = new Date('2026-01-01T00:00:00.500Z');
const time = timestamp.getTime();

it('brings the details of every type under one key', () => {
  expect(
    eventOf({
      id: 2,
      previousEventId: 0,
      timestamp,
      type: 'TaskStateEntered',
      stateEnteredEventDetails: { name: 'ask', input: '{}', inputDetails: { truncated: false } },
    }),
  ).toEqual({
    id: 2,
    previousEventId: 0,
    timestamp: time,
    type: 'TaskStateEntered',
    details: { name: 'ask', input: '{}' },
  });
  expect(
    eventOf({
      id: 3,
      previousEventId: 2,
      timestamp,
      type: 'LambdaFunctionScheduled',
      lambdaFunctionScheduledEventDetails: { resource: 'arn', input: '{}', timeoutInSeconds: 5 },
    }).details,
  ).toEqual({ resource: 'arn', input: '{}', timeoutInSeconds: 5 });
});

it('keeps what was assigned and that a text was cut, and has no details where AWS has none', () => {
  expect(
    eventOf({
      id: 4,
      timestamp,
      type: 'TaskStateExited',
      stateExitedEventDetails: {
        name: 'ask',
        output: '{"long',
        outputDetails: { truncated: true },
        assignedVariables: { x: '1' },
        assignedVariablesDetails: { truncated: false },
      },
    }),
  ).toMatchObject({
    previousEventId: 0,
    details: { assignedVariables: { x: '1' }, outputDetails: { truncated: true } },
  });
  expect(eventOf({ id: 5, previousEventId: 4, timestamp, type: 'LambdaFunctionStarted' })).toEqual({
    id: 5,
    previousEventId: 4,
    timestamp: time,
    type: 'LambdaFunctionStarted',
  });
});

/** A history of `length()` events in pages of two, whose tokens say where a page begins. */
function pagesOf(length: () => number) {
  const asked: (string | undefined)[] = [];
  const readPage = async (token: string | undefined): Promise<GetExecutionHistoryOutput> => {
    asked.push(token);
    const from = Number(token ?? 0);
    const ids = Array.from({ length: length() }, (_, i) => i + 1).slice(from, from + 2);
    const more = length() > from + 2;
    return {
      events: ids.map((id) => ({ id, timestamp, type: 'PassStateEntered' as const })),
      nextToken: more ? String(from + 2) : undefined,
    };
  };
  return { asked, readPage };
}

it('reads a growing history page by page and goes on from the last page', async () => {
  let length = 3;
  const { asked, readPage } = pagesOf(() => length);
  const reader = createHistoryReader(readPage);
  const read = async () => {
    const { events, more } = await reader.read();
    return [events.map(({ id }) => id), more];
  };
  expect(await read()).toEqual([[1, 2], true]);
  expect(await read()).toEqual([[3], false]);
  expect(await read()).toEqual([[], false]);
  length = 6;
  expect(await read()).toEqual([[4], true]);
  expect(await read()).toEqual([[5, 6], false]);
  expect(asked).toEqual([undefined, '2', '2', '2', '4']);
});

it('starts over when its token has expired, and tells no event twice', async () => {
  const { readPage } = pagesOf(() => 4);
  let expired = false;
  const reader = createHistoryReader(async (token) => {
    if (token !== undefined && expired) {
      expired = false;
      throw Object.assign(new Error('expired'), { name: 'InvalidToken' });
    }
    return readPage(token);
  });
  expect((await reader.read()).events.map(({ id }) => id)).toEqual([1, 2]);
  expired = true;
  expect(await reader.read()).toMatchObject({ events: [], more: true });
  expect((await reader.read()).events.map(({ id }) => id)).toEqual([3, 4]);
});
