import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../lib/engine/history/event.ts';
import type { Json, JsonObject } from '../../lib/json.ts';
import { foldRun } from '../../lib/run/fold.ts';

interface Recording {
  readonly id: string;
  readonly expected: { readonly status: string; readonly output?: Json; readonly error?: string };
  readonly expected_history?: readonly JsonObject[];
}

const file = new URL('../../../shared/conformance/executions.jsonl', import.meta.url);
const recorded = existsSync(file);
if (!recorded) console.warn(`Skipped: the recordings are not at ${file.pathname}.`);

describe.runIf(recorded)('the histories that AWS recorded', () => {
  const recordings = recorded
    ? readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Recording)
        .filter((recording) => recording.expected_history)
    : [];

  it('fold to the status, output and error that AWS told', () => {
    expect(recordings.length).toBeGreaterThan(250);
    for (const { id, expected, expected_history = [] } of recordings) {
      const run = foldRun({ id, workflow: 'recorded' }, expected_history.map(eventOf));
      expect(run.status, id).toBe(expected.status);
      if (run.status === 'SUCCEEDED') expect(run.output, id).toEqual(lastOutput(expected_history));
      if (run.status === 'FAILED') expect(run.error, id).toBe(expected.error ?? null);
    }
  });

  it('leave no step open and no parent that was not entered before', () => {
    for (const { id, expected_history = [] } of recordings) {
      const { steps } = foldRun({ id, workflow: 'recorded' }, expected_history.map(eventOf));
      const entered = expected_history.filter((event) =>
        /^(Task|Wait|Parallel|Map)StateEntered$/.test(String(event.type)),
      );
      expect(
        steps.map((step) => step.id),
        id,
      ).toEqual(entered.map((event) => event.id));
      for (const step of steps) {
        expect(['SUCCEEDED', 'FAILED', 'ABORTED'], `${id} ${step.name}`).toContain(step.status);
        if (step.parent !== null) expect(step.parent, id).toBeLessThan(step.id);
      }
    }
  });

  it('count each schedule of a function as one attempt', () => {
    for (const { id, expected_history = [] } of recordings) {
      const { steps } = foldRun({ id, workflow: 'recorded' }, expected_history.map(eventOf));
      const attempts = steps
        .filter((step) => step.kind === 'task')
        .reduce((sum, step) => sum + step.attempts, 0);
      const scheduled = expected_history.filter((event) =>
        /^(LambdaFunction|Task)Scheduled$/.test(String(event.type)),
      );
      expect(attempts, id).toBe(scheduled.length);
    }
  });
});

/** A recording without timestamps, and with JSON where AWS has JSON text. */
function eventOf(event: JsonObject): HistoryEvent {
  const details = event.details as Record<string, Json> | null | undefined;
  const told = Object.entries(details ?? {}).map(([key, value]) => [
    key,
    key === 'input' || key === 'output' ? JSON.stringify(value) : textOf(value),
  ]);
  return {
    id: event.id as number,
    previousEventId: event.previousEventId as number,
    timestamp: Date.UTC(2026, 0, 1) + (event.id as number),
    type: event.type as string,
    details: Object.fromEntries(told),
  };
}

/** A matcher for JSON text (`$json`) stands for such a text. */
function textOf(value: Json): Json {
  const isMatcher = typeof value === 'object' && value !== null && '$json' in value;
  return isMatcher ? JSON.stringify(value.$json) : value;
}

function lastOutput(events: readonly JsonObject[]): Json | undefined {
  return (events.at(-1)?.details as JsonObject | undefined)?.output;
}
