import type { Batch } from './batch.ts';

/** Where a provider's open batches are. Each method is one change or one reading. */
export interface Batches {
  /** false: there is one of that id already. `due`: when it is looked at. */
  add(batch: Batch, due: number): Promise<boolean>;
  /** null: there is none, or no more. */
  get(id: string): Promise<Batch | null>;
  /** Writes what is new of a batch. false: it is gone. */
  change(batch: Batch, due: number): Promise<boolean>;
  /** Sets the time of the next look. */
  lookAgain(id: string, due: number): Promise<void>;
  remove(id: string): Promise<void>;
  /** Ids of those that nobody has looked at until the time that was set. */
  due(now: number): Promise<readonly string[]>;
  /** Ids of all. */
  open(): Promise<readonly string[]>;
}
