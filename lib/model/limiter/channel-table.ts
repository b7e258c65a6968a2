import { randomUUID } from 'node:crypto';
import { BroadcastChannel } from 'node:worker_threads';
import type { Change, Changed, LimiterTable } from './table.ts';

/** The longest wait for a table in another thread. */
const longestWait = 2_000;

/** What a function asks of the table's owner. */
export interface TableQuestion {
  readonly question: string;
  readonly key: string;
  readonly change: Change;
}

/** null: the table could not do it. */
export interface TableAnswer {
  readonly answer: string;
  readonly changed: Changed | null;
}

/**
 * A table that another thread of this process owns: functions on this machine run in threads that
 * share no memory, and their calls share one limit. Served by `serveTable` of lib/local. A message
 * takes a tenth of a millisecond, where HTTP on loopback took some, twice a call.
 */
export function channelTable(name: string): LimiterTable {
  const channel = new BroadcastChannel(name);
  channel.unref();
  const open = new Map<string, (changed: Changed | null) => void>();
  channel.onmessage = (message: unknown) => {
    const { answer, changed } = (message as { data: TableAnswer }).data;
    open.get(answer)?.(changed);
  };
  return {
    change(key, change): Promise<Changed> {
      const question = randomUUID();
      return new Promise((resolve, reject) => {
        const end = (changed: Changed | null, why: string): void => {
          clearTimeout(timer);
          open.delete(question);
          if (changed) resolve(changed);
          else reject(new Error(`The limiter's table ${why}.`));
        };
        const timer = setTimeout(() => end(null, 'did not answer in 2 seconds'), longestWait);
        open.set(question, (changed) => end(changed, 'could not be changed'));
        channel.postMessage({ question, key, change } satisfies TableQuestion);
      });
    },
  };
}
