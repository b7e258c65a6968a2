import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../lib/json.ts';
import { replayExecution } from '../../../lib/testing/index.ts';
import {
  type RecordedEvent,
  type Recording,
  readRecordings,
  recordedAt,
  recordingsFile,
} from '../../conformance/recording.ts';

const all = recordingsFile === undefined ? [] : readRecordings(recordingsFile);
if (all.length === 0) console.warn('Skipped: the folder ../shared/conformance is not here.');

/** Recordings of AWS in which a task is called. */
const replayable = all.filter(
  ({ workflow_type: type, expected_history: history }) =>
    type === 'STANDARD' &&
    history?.some((event) => /^(LambdaFunction|Task)Scheduled$/.test(event.type)) &&
    // What a function is told of its execution is not in a recording.
    !history.some(
      ({ type, details }) =>
        type.endsWith('Scheduled') && JSON.stringify(details).includes('"Execution":'),
    ),
);

/** What stands in a recording for names and times that are otherwise in every execution. */
function concrete(value: Json, functionArn: string): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => concrete(item, functionArn));
  const { $any: any, $pattern: pattern, $json: json } = value as JsonObject;
  if (any !== undefined) return 'any';
  if (pattern !== undefined) return functionArn;
  if (json !== undefined) return JSON.stringify(concrete(json, functionArn));
  const entries = Object.entries(value).map(([key, part]) => [
    key,
    key === 'FunctionName' && typeof part === 'object' ? functionArn : concrete(part, functionArn),
  ]);
  return Object.fromEntries(entries) as Json;
}

/** As `aws stepfunctions get-execution-history --include-execution-data --output json` prints it. */
function exported(recording: Recording): string {
  const start = recordedAt(recording);
  const given = JSON.stringify([recording.input, recording.definition]);
  const named = (recording.input as { readonly FunctionName?: string } | null)?.FunctionName;
  const arn = named ?? /arn:aws:lambda:[\w-]*:\d*:function:[\w-]+/.exec(given)?.[0] ?? 'none';
  const [first, ...rest] = recording.expected_history ?? [];
  const history = [{ ...first!, details: { ...first?.details, input: recording.input } }, ...rest];
  const events = history.map((event, index) => ({
    timestamp: new Date(start + index * 40).toISOString().replace('Z', '000+00:00'),
    type: event.type,
    id: event.id,
    previousEventId: event.previousEventId,
    ...(event.details && { [keyOf(event)]: detailsOf(concrete(event.details, arn) as JsonObject) }),
  }));
  return JSON.stringify({ events }, null, 4);
}

function keyOf({ type }: RecordedEvent): string {
  const name = type.replace(/^\w+?(StateEntered|StateExited)$/, '$1');
  return `${name[0]?.toLowerCase()}${name.slice(1)}EventDetails`;
}

function detailsOf(details: JsonObject): JsonObject {
  const entries = Object.entries(details).flatMap(([name, value]): [string, Json][] => {
    if (!['input', 'output', 'parameters'].includes(name)) return [[name, value]];
    const told: [string, Json] = [name, JSON.stringify(value)];
    return name === 'parameters' ? [told] : [told, [`${name}Details`, { truncated: false }]];
  });
  return Object.fromEntries(entries);
}

test.runIf(all.length > 0)(
  'executions that AWS recorded are replayed without a divergence',
  { timeout: 60_000 },
  async () => {
    expect(replayable.length).toBeGreaterThan(40);
    const diverging: string[] = [];
    for (const recording of replayable) {
      const { divergences, recorded } = await replayExecution(
        recording.definition,
        exported(recording),
        { name: 'run-1' },
      );
      expect(recorded.status, recording.id).toBe(recording.expected.status);
      for (const { message, expected, got } of divergences)
        diverging.push(`${recording.id}: ${message} ${JSON.stringify([expected, got])}`);
    }
    expect(diverging).toEqual([]);
  },
);
