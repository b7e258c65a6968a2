import {
  CreateStateMachineCommand,
  GetExecutionHistoryCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../lib/engine/clock/virtual-clock.ts';
import { TaskFailure, type TaskPort } from '../../../lib/engine/task/task-port.ts';
import type { JsonObject } from '../../../lib/json.ts';
import { replayExecution } from '../../../lib/testing/index.ts';
import { place, roleArn, served } from '../../local/endpoint/served.ts';

const arn = (name: string) => `arn:aws:lambda:eu-central-1:123456789012:function:${name}`;

const definition: JsonObject = {
  StartAt: 'Find',
  QueryLanguage: 'JSONata',
  States: {
    Find: {
      Type: 'Task',
      Resource: arn('find'),
      Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 60, MaxAttempts: 2 }],
      Next: 'Both',
    },
    Both: {
      Type: 'Map',
      Items: '{% $states.input.found %}',
      ItemProcessor: {
        StartAt: 'Ask',
        States: {
          Ask: {
            Type: 'Task',
            Resource: arn('ask'),
            TimeoutSeconds: 100,
            Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Late' }],
            End: true,
          },
          Late: { Type: 'Pass', Output: 'late', End: true },
        },
      },
      End: true,
    },
  },
};

let busy = 0;
const tasks: TaskPort = {
  refuse: () => undefined,
  async run(call) {
    if (call.stateName === 'Find') {
      await call.sleep(5_000);
      busy += 1;
      if (busy === 1) throw new TaskFailure('Busy', 'Come again.');
      return '{"found":["a","b","c"]}';
    }
    await call.sleep(call.input === '"b"' ? 500_000 : 20_000);
    return JSON.stringify(`re ${call.input}`);
  },
};

/** An execution of this machine's Step Functions, exported page by page, as the CLI prints it. */
async function exported(): Promise<readonly unknown[]> {
  busy = 0;
  const clock = new VirtualClock({ now: Date.UTC(2026, 0, 1) });
  const { client, endpoint } = await served({}, { tasks, clock });
  const machine = { name: 'm', definition: JSON.stringify(definition), roleArn };
  await client.send(new CreateStateMachineCommand(machine));
  const { executionArn = '' } = await client.send(
    new StartExecutionCommand({ stateMachineArn: `${place}:stateMachine:m`, input: '{}' }),
  );
  await endpoint.service.executions.running.get(executionArn)?.done;
  const pages: unknown[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 7, nextToken }),
    );
    pages.push(JSON.parse(JSON.stringify({ events: page.events })));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return pages;
}

describe('an execution that was exported', () => {
  test('goes the same way again: retries, timeouts, iterations, and in the same time', async () => {
    const pages = await exported();
    expect(pages.length).toBeGreaterThan(2);
    const { divergences, recorded, replayed } = await replayExecution(definition, pages);
    expect(divergences).toEqual([]);
    expect(recorded).toMatchObject({ status: 'SUCCEEDED', output: ['re "a"', 'late', 're "c"'] });
    expect(replayed).toMatchObject({ status: 'SUCCEEDED', output: ['re "a"', 'late', 're "c"'] });
    const ended = (run: typeof recorded) => 'stoppedAt' in run && run.stoppedAt;
    expect(ended(replayed)).toBe(ended(recorded));
    // The same as one page, as text.
    const events = (pages as { events: unknown[] }[]).flatMap((page) => page.events);
    const again = await replayExecution(definition, JSON.stringify({ events }));
    expect(again.divergences).toEqual([]);
  });

  test('tells what a changed definition does otherwise', async () => {
    const pages = await exported();
    const states = definition.States as JsonObject;
    const { Find, Both } = states as { Find: JsonObject; Both: JsonObject };
    const change = (find: JsonObject, more: JsonObject = {}) =>
      replayExecution({ ...definition, States: { ...states, Find: find, ...more } }, pages);

    const hasty = await change({ ...Find, Retry: [] });
    expect(hasty.divergences.map(({ message }) => message)).toEqual([
      ...Array(4).fill(expect.stringContaining('did not make it now')),
      'The run is FAILED, and the recorded execution is SUCCEEDED.',
    ]);
    const other = await change(
      { ...Find, Next: 'Tell' },
      { Tell: { Type: 'Task', Resource: arn('tell'), Next: 'Both' }, Both },
    );
    expect(other.divergences[0]).toMatchObject({
      kind: 'call',
      state: 'Tell',
      expected: null,
      got: { found: ['a', 'b', 'c'] },
      message:
        "The state 'Tell' makes a call, and the recorded execution has none of a state of that name.",
    });
  });

  test.each([
    ['is not JSON', '{', /it is not JSON/],
    ['is no history', { status: 'SUCCEEDED' }, /no event of a history/],
    [
      'lacks a page',
      [
        {
          events: [
            { id: 1, type: 'ExecutionStarted', executionStartedEventDetails: { input: '{}' } },
          ],
        },
        { events: [{ id: 3, type: 'ExecutionSucceeded' }] },
      ],
      /some of its events are missing/,
    ],
    ['has no data', { events: [{ id: 1, type: 'ExecutionStarted' }] }, /no execution data/],
  ])('is refused where it %s', async (_, told, message) => {
    await expect(replayExecution(definition, told)).rejects.toThrow(message);
  });
});
