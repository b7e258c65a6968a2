import type { HistoryEvent as AwsEvent, GetExecutionHistoryOutput } from '@aws-sdk/client-sfn';
import type { HistoryEvent, HistoryEventDetails } from '../engine/history/event.ts';
import { nameOf } from './failure.ts';

/**
 * An event as the SDK gives it, in our shape: the one key per type (`taskStateEnteredEventDetails`,
 * `stateEnteredEventDetails`, ...) is `details`, and the note that a text was not truncated is left
 * out. No type of event is listed here, so a new one passes.
 */
export function eventOf(event: AwsEvent): HistoryEvent {
  const details = Object.entries(event).find(
    ([key, value]) => key.endsWith('EventDetails') && value !== undefined,
  )?.[1] as Record<string, unknown> | undefined;
  const told = Object.entries(details ?? {}).filter(
    ([key, value]) => value !== undefined && !(key.endsWith('Details') && isWhole(value)),
  );
  return {
    id: event.id as number,
    previousEventId: event.previousEventId ?? 0,
    timestamp: event.timestamp?.getTime() ?? 0,
    type: event.type as string,
    ...(told.length > 0 && { details: Object.fromEntries(told) as HistoryEventDetails }),
  };
}

function isWhole(value: unknown): boolean {
  return typeof value === 'object' && (value as { truncated?: boolean }).truncated === false;
}

/** One page of GetExecutionHistory, from the token of a page before it. */
export type ReadPage = (nextToken: string | undefined) => Promise<GetExecutionHistoryOutput>;

/** Reads a history that grows: each call gives the events that are new since the last. */
export interface HistoryReader {
  /** One page at most; `more` says that another call will give events at once. */
  read(): Promise<{ readonly events: readonly HistoryEvent[]; readonly more: boolean }>;
}

/**
 * @param after The id of the last event that is known already. Default: 0, none.
 */
export function createHistoryReader(readPage: ReadPage, after = 0): HistoryReader {
  // The last page has no token to the next: it is read again, from its own token, until it is full.
  let token: string | undefined;
  let known = after;
  return {
    async read() {
      let page: GetExecutionHistoryOutput;
      try {
        page = await readPage(token);
      } catch (error) {
        if (nameOf(error) !== 'InvalidToken' || token === undefined) throw error;
        // Tokens expire after 24 hours: from the start then; what is known is skipped below.
        token = undefined;
        page = await readPage(token);
      }
      token = page.nextToken ?? token;
      const events = (page.events ?? []).map(eventOf).filter((event) => event.id > known);
      known = events.at(-1)?.id ?? known;
      return { events, more: page.nextToken !== undefined };
    },
  };
}
