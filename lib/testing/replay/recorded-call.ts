import type { HistoryEvent } from '../../engine/history/event.ts';
import type { Json } from '../../json.ts';

/** How a recorded call ended. 'aborted': its branch or its run ended first. */
export type RecordedEnd =
  | { readonly kind: 'succeeded'; readonly output: string }
  | { readonly kind: 'failed'; readonly error: string; readonly cause: string | undefined }
  | { readonly kind: 'timed out' }
  | { readonly kind: 'aborted' };

/** One call of a task in an exported execution; a retry is a call of its own. */
export interface RecordedCall {
  readonly state: string;
  /** The payload of a function, or the parameters of a service. */
  readonly input: Json;
  /** Milliseconds from the call to its end. */
  readonly duration: number;
  readonly end: RecordedEnd;
  /** What TaskSubmitted told (JSON text), and after how many milliseconds. */
  readonly submitted?: { readonly output: string; readonly after: number };
}

const ending = /^(LambdaFunction|Task)(Succeeded|Failed|TimedOut|\w+Failed)$/;

/** The calls in the order in which they were scheduled. */
export function recordedCalls(events: readonly HistoryEvent[]): readonly RecordedCall[] {
  const calls: RecordedCall[] = [];
  const states = new Map<number, string>();
  const calledBy = new Map<number, number>();
  for (const { id, previousEventId, type, timestamp, details = {} } of events) {
    const state = type.endsWith('StateEntered')
      ? String(details.name)
      : (states.get(previousEventId) ?? '');
    states.set(id, state);
    if (/^(LambdaFunction|Task)Scheduled$/.test(type)) {
      calledBy.set(id, calls.length);
      const input = JSON.parse(String(details.input ?? details.parameters ?? 'null')) as Json;
      calls.push({ state, input, duration: timestamp, end: { kind: 'aborted' } });
      continue;
    }
    const index = calledBy.get(previousEventId);
    const call = index === undefined ? undefined : calls[index];
    if (index === undefined || call === undefined) continue;
    if (/^(LambdaFunction|Task)Started$/.test(type)) calledBy.set(id, index);
    if (type === 'TaskSubmitted') {
      calledBy.set(id, index);
      const output = String(details.output ?? 'null');
      calls[index] = { ...call, submitted: { output, after: timestamp - call.duration } };
    }
    if (ending.test(type)) {
      calls[index] = { ...call, duration: timestamp - call.duration, end: endOf(type, details) };
    }
  }
  return calls.map((call) => (call.end.kind === 'aborted' ? { ...call, duration: 0 } : call));
}

function endOf(type: string, details: NonNullable<HistoryEvent['details']>): RecordedEnd {
  if (type.endsWith('Succeeded')) {
    return { kind: 'succeeded', output: String(details.output ?? 'null') };
  }
  if (type.endsWith('TimedOut')) return { kind: 'timed out' };
  return { kind: 'failed', error: details.error ?? '', cause: details.cause };
}
