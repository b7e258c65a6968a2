import { field } from '../field.ts';
import type { Changed, LimiterTable, Row } from './table.ts';

/** The longest wait for a table on the same machine. */
const longestWait = 2_000;

/**
 * A table in another process or thread of this machine, at a loopback URL: functions on this machine run
 * in threads that share no memory, and their calls share one limit. Served by `serveTable` of lib/local.
 */
export function remoteTable(url: string): LimiterTable {
  return {
    async change(key, change): Promise<Changed> {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ key, change }),
        signal: AbortSignal.timeout(longestWait),
      });
      if (!response.ok) throw new Error(`The limiter's table answered ${response.status}.`);
      const body: unknown = await response.json();
      return { done: field(body, 'done') === true, row: field(body, 'row') as Row };
    },
  };
}
