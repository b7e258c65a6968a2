import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../../lib/engine/history/event.ts';
import { Journal } from '../../../lib/local/store/journal.ts';
import type { Batch } from '../../../lib/local/store/run-store.ts';

function event(id: number): HistoryEvent {
  return { id, previousEventId: id - 1, timestamp: 0, type: 'PassStateEntered' };
}

function recorded(write: (batch: Batch) => void = () => {}) {
  const log: string[] = [];
  const journal = new Journal({
    write(batch) {
      write(batch);
      for (const [run, events] of batch) log.push(`write ${run}: ${events.map(({ id }) => id)}`);
    },
    written: (run) => log.push(`written ${run}`),
    failed: (error) => log.push(`failed ${(error as Error).message}`),
  });
  return { journal, log };
}

describe('the journal', () => {
  it('writes the events of one turn of the event loop in one commit', async () => {
    const { journal, log } = recorded();
    journal.append(1, event(1));
    await Promise.resolve();
    journal.append(2, event(1));
    journal.append(1, event(2));
    expect(log).toEqual([]);
    await journal.settled();
    expect(log).toEqual(['write 1: 1,2', 'write 2: 1', 'written 1', 'written 2']);
  });

  it('is settled when there is nothing to write', async () => {
    const { journal, log } = recorded();
    await journal.settled();
    journal.flush();
    expect(log).toEqual([]);
  });

  it('fails all who wait, and all who come later, when a batch cannot be written', async () => {
    const { journal, log } = recorded(() => {
      throw new Error('disk full');
    });
    journal.append(1, event(1));
    await expect(journal.settled()).rejects.toThrow('disk full');
    journal.append(1, event(2));
    await expect(journal.settled()).rejects.toThrow('disk full');
    expect(log).toEqual(['failed disk full']);
  });
});
