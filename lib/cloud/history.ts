import type { GetExecutionHistoryOutput } from '@aws-sdk/client-sfn';
import type { HistoryEvent } from '../engine/history/event.ts';
import { eventOf } from '../run/aws-history.ts';
import { nameOf } from './failure.ts';

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
      const events = (page.events ?? [])
        .map((event) => eventOf(event))
        .filter((event) => event.id > known);
      known = events.at(-1)?.id ?? known;
      return { events, more: page.nextToken !== undefined };
    },
  };
}
