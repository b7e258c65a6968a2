import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { realClock } from '../../lib/engine/clock/real-clock.ts';
import { lambdaInvokeResult } from '../../lib/engine/task/lambda-invoke.ts';
import type { TaskPort } from '../../lib/engine/task/task-port.ts';
import type { TestStateRequest } from '../../lib/engine/test-state/request.ts';
import { testState } from '../../lib/engine/test-state/test-state.ts';
import type { Json, JsonObject } from '../../lib/json.ts';
import { difference } from './matcher.ts';

/** Recordings that cannot pass, each with its reason. The aim is that there is none. */
const EXCEPTIONS: Readonly<Record<string, string>> = {};

interface Recording {
  readonly id: string;
  readonly request: JsonObject;
  readonly expected: JsonObject;
}

const file = resolve(import.meta.dirname, '../../../shared/conformance/teststate.jsonl');
const recordings: readonly Recording[] = existsSync(file)
  ? readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line) as Recording)
  : [];

if (recordings.length === 0) {
  test.skip('recorded tests of states: the folder ../shared/conformance is not here', () => {});
}

/** The two functions that the recordings call: one by lambda:invoke gives its payload, one a greeting. */
const functions: TaskPort = {
  refuse: () => undefined,
  run: ({ resource, input }) => {
    if (resource.kind === 'lambda') return '"HelloWorld!"';
    const { Payload } = JSON.parse(input) as JsonObject;
    return lambdaInvokeResult(JSON.stringify(Payload ?? {}), 'request');
  },
};

/** The recordings leave the request's role out: where the answer shows one, there was one. */
function requestOf({ request, expected }: Recording): TestStateRequest {
  const { definition, ...rest } = request;
  const configuration = request.stateConfiguration as JsonObject | undefined;
  const data = configuration?.mapItemReaderData;
  return {
    ...(rest as unknown as TestStateRequest),
    definition: JSON.stringify(definition),
    ...(/"RoleArn":\{/.test(JSON.stringify(expected)) && {
      roleArn: 'arn:aws:iam::123456789012:role/tester',
    }),
    ...(typeof data === 'string' && {
      stateConfiguration: { ...configuration, mapItemReaderData: JSON.parse(data) as Json },
    }),
  };
}

for (const recording of recordings) {
  const reason = EXCEPTIONS[recording.id];
  const run = reason === undefined ? test : test.skip;
  const note = reason === undefined ? '' : ` (skipped: ${reason})`;
  run(`tests a state as AWS did: ${recording.id}${note}`, async () => {
    const result = await testState(requestOf(recording), { tasks: functions, clock: realClock });
    expect(difference(result, recording.expected)).toBeUndefined();
  });
}
