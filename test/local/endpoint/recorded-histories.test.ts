import {
  CreateStateMachineCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent as SdkEvent,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { VirtualClock } from '../../../lib/engine/clock/virtual-clock.ts';
import type { HistoryEvent } from '../../../lib/engine/history/event.ts';
import { memoryStore } from '../../conformance/memory-store.ts';
import {
  type Recording,
  readRecordings,
  recordedAt,
  recordingsFile,
} from '../../conformance/recording.ts';
import { stubLambda } from '../../conformance/stub-lambda.ts';
import { place, roleArn, served } from './served.ts';

/** Recordings of Standard executions that have, together, every type of event. */
const recordings = recordingsFile === undefined ? [] : coverage(readRecordings(recordingsFile));

if (recordings.length === 0) {
  test.skip('recorded histories: the folder ../shared/conformance is not here', () => {});
}

function coverage(all: readonly Recording[]): readonly Recording[] {
  const seen = new Set<string>();
  return all.filter(({ workflow_type: type, expected_history: history }) => {
    if (type !== 'STANDARD' || !history) return false;
    const before = seen.size;
    for (const event of history) seen.add(event.type);
    return seen.size > before;
  });
}

/** An event as the SDK read it, in the engine's form again: a member that it does not know is gone. */
function asEngine(event: SdkEvent): object {
  const { id, previousEventId, type, timestamp, ...rest } = event;
  const [told] = Object.values(rest) as Record<string, unknown>[];
  const kept = Object.entries(told ?? {}).filter(
    ([name]) => !/^(?:input|output|assignedVariables)Details$|^roleArn$/.test(name),
  );
  return {
    ...{ id, previousEventId, type },
    timestamp: timestamp?.getTime(),
    details: Object.fromEntries(kept),
  };
}

for (const recording of recordings) {
  test(`the SDK reads every detail of the history: ${recording.id}`, async () => {
    const now = recordedAt(recording);
    const { client, endpoint } = await served(
      {},
      {
        tasks: stubLambda(recording.lambda_stubs),
        clock: new VirtualClock({ now }),
        objects: memoryStore(recording.s3_objects, now),
      },
    );
    const definition = JSON.stringify(recording.definition);
    await client.send(new CreateStateMachineCommand({ name: 'm', definition, roleArn }));
    const stateMachineArn = `${place}:stateMachine:m`;
    const { executionArn = '' } = await client.send(
      new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(recording.input) }),
    );
    await endpoint.service.executions.running.get(executionArn)?.done;
    const { events } = await client.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }),
    );
    const told = endpoint.service.store
      .history(executionArn)
      .map((event: HistoryEvent) => ({ ...event, details: event.details ?? {} }));
    expect(events?.map(asEngine)).toEqual(told);
    expect(told.length).toBeGreaterThan(2);
  });
}
