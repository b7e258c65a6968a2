import type { HistoryEvent } from './event.ts';

const UNSUCCESSFUL: ReadonlySet<string> = new Set([
  'ExecutionFailed',
  'ExecutionTimedOut',
  'ExecutionAborted',
]);

/** Whether the history ends without success. */
export function endedUnsuccessfully(events: readonly HistoryEvent[]): boolean {
  return UNSUCCESSFUL.has(events.at(-1)?.type ?? '');
}

/** How often the execution was redriven. */
export function redrives(events: readonly HistoryEvent[]): number {
  return events.filter(({ type }) => type === 'ExecutionRedriven').length;
}

/** The event with which a redrive begins. `now` is in milliseconds since the epoch. */
export function redriveEvent(events: readonly HistoryEvent[], now: number): HistoryEvent {
  return {
    id: events.length + 1,
    previousEventId: events.length,
    timestamp: now,
    type: 'ExecutionRedriven',
    details: { redriveCount: redrives(events) + 1 },
  };
}
