import type { HistoryEvent, HistoryEventDetails } from '../engine/history/event.ts';

/** An event as GetExecutionHistory gives it: to an SDK, with a Date, or as the AWS CLI prints it. */
export interface AwsEvent {
  readonly id?: number | undefined;
  readonly previousEventId?: number | undefined;
  /** A number is seconds since the epoch, as the CLI's `iso8601` setting or its first version has it. */
  readonly timestamp?: Date | string | number | undefined;
  readonly type?: string | undefined;
}

/**
 * An event of AWS in our shape: the one key per type (`taskStateEnteredEventDetails`,
 * `stateEnteredEventDetails`, ...) is `details`, and the note that a text was not truncated is left
 * out. No type of event is listed here, so a new one passes.
 */
export function eventOf<E extends AwsEvent>(event: E): HistoryEvent {
  const details = Object.entries(event).find(
    ([key, value]) => key.endsWith('EventDetails') && value !== undefined,
  )?.[1] as Record<string, unknown> | undefined;
  const told = Object.entries(details ?? {}).filter(
    ([key, value]) => value !== undefined && !(key.endsWith('Details') && isWhole(value)),
  );
  return {
    id: event.id as number,
    previousEventId: event.previousEventId ?? 0,
    timestamp: timeOf(event.timestamp),
    type: event.type as string,
    ...(told.length > 0 && { details: Object.fromEntries(told) as HistoryEventDetails }),
  };
}

function timeOf(timestamp: AwsEvent['timestamp']): number {
  if (typeof timestamp === 'number') return Math.round(timestamp * 1000);
  return timestamp === undefined ? 0 : new Date(timestamp).getTime();
}

function isWhole(value: unknown): boolean {
  return typeof value === 'object' && (value as { truncated?: boolean }).truncated === false;
}
