import type { HistoryEvent } from '../../engine/history/event.ts';
import type { Batch, Recorded } from './run-store.ts';

export interface JournalOptions {
  /** Puts a batch on the disk before it returns. */
  readonly write: (batch: Batch) => void;
  /** Told, one by one, that everything that was appended to a history is on the disk now. */
  readonly written: (recorded: Recorded) => void;
  /** Told once that a batch could not be written; nothing is written from then on. */
  readonly failed: (error: unknown) => void;
}

/**
 * Collects the events of one turn of the event loop and writes them as one commit. Whoever is about to
 * let an effect of an event out of the process awaits `settled` first.
 */
export class Journal {
  readonly #options: JournalOptions;
  #batch = new Map<Recorded, HistoryEvent[]>();
  #settling: PromiseWithResolvers<void> | undefined;
  #turn: NodeJS.Immediate | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  append(recorded: Recorded, event: HistoryEvent): void {
    if (this.#failure) return;
    const events = this.#batch.get(recorded);
    if (events) events.push(event);
    else this.#batch.set(recorded, [event]);
    // At the end of the turn: every answer that has arrived by then shares the commit.
    this.#turn ??= setImmediate(() => this.flush());
  }

  /**
   * Resolves when all that was appended so far is on the disk. Rejects when that failed, for good.
   */
  settled(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure.error);
    if (this.#batch.size === 0) return settledAlready;
    if (!this.#settling) {
      this.#settling = Promise.withResolvers();
      // Those who wait hear of a failure; a journal that nobody waits for must not end the process.
      this.#settling.promise.catch(() => undefined);
    }
    return this.#settling.promise;
  }

  /** Writes what there is, now. @throws what kept it, or an earlier batch, from the disk */
  commit(): void {
    this.flush();
    if (this.#failure) throw this.#failure.error;
  }

  /** Writes what there is, now. Never throws: `failed` and `settled` tell. */
  flush(): void {
    if (this.#turn) clearImmediate(this.#turn);
    this.#turn = undefined;
    if (this.#batch.size === 0 || this.#failure) return;
    const batch = this.#batch;
    const settling = this.#settling;
    this.#batch = new Map();
    this.#settling = undefined;
    try {
      this.#options.write(batch);
    } catch (error) {
      this.#failure = { error };
      settling?.reject(error);
      this.#options.failed(error);
      return;
    }
    settling?.resolve();
    for (const recorded of batch.keys()) this.#options.written(recorded);
  }
}

const settledAlready = Promise.resolve();
