import type { HistoryEvent, HistoryEventDetails } from '../../engine/history/event.ts';

/** An event without its id: ids are dense, so the id of a batch's first event tells them all. */
type Row = readonly [
  previousEventId: number,
  timestamp: number,
  type: string,
  details?: HistoryEventDetails,
];

/** Events that follow one another, as JSON text. */
export function encodeBatch(events: readonly HistoryEvent[]): string {
  return JSON.stringify(
    events.map(
      ({ previousEventId, timestamp, type, details }): Row =>
        details ? [previousEventId, timestamp, type, details] : [previousEventId, timestamp, type],
    ),
  );
}

/** What `encodeBatch` wrote; `first` is the id of the first event in it. */
export function decodeBatch(first: number, text: string): HistoryEvent[] {
  return (JSON.parse(text) as Row[]).map(([previousEventId, timestamp, type, details], index) => {
    const event = { id: first + index, previousEventId, timestamp, type };
    return details ? { ...event, details } : event;
  });
}
