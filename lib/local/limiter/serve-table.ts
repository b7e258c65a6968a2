import { randomUUID } from 'node:crypto';
import { BroadcastChannel } from 'node:worker_threads';
import type { TableAnswer, TableQuestion } from '../../model/limiter/channel-table.ts';
import type { LimiterTable } from '../../model/limiter/table.ts';

export interface ServedTable {
  /** For CLOUDGATHER_LIMITER_CHANNEL. */
  readonly channel: string;
  close(): void;
}

/** Serves a limiter's table to the functions on this machine, which are threads of this process. */
export function serveTable(table: LimiterTable): ServedTable {
  const name = `cloudgather-limiter-${randomUUID()}`;
  const channel = new BroadcastChannel(name);
  channel.unref();
  channel.onmessage = (message: unknown) => {
    const { question, key, change } = (message as { data: Partial<TableQuestion> }).data;
    if (question === undefined || key === undefined || change === undefined) return;
    const tell = (changed: TableAnswer['changed']): void => {
      channel.postMessage({ answer: question, changed } satisfies TableAnswer);
    };
    table.change(key, change).then(tell, () => tell(null));
  };
  return { channel: name, close: () => channel.close() };
}
