import type { Job } from '../background/job.ts';

/** A job that waits for a batch. */
export interface Waiting {
  readonly id: string;
  /** When it may be collected, in milliseconds since the epoch. */
  readonly from: number;
}

/**
 * The jobs that wait for a batch. Each method is one change or one reading: of many who want the same
 * job at once, one gets it.
 */
export interface WaitingJobs {
  /** At most 20,000. */
  list(): Promise<readonly Waiting[]>;
  /**
   * A waiting job goes into the batch that it names. false: it does not wait, or not at that attempt.
   * @param attempt at which it waits. Default: the job's
   */
  claim(job: Job, attempt?: number): Promise<boolean>;
  /** A job of that batch waits again, and is not collected before. false: it is not in it any more. */
  release(job: Job, batch: string, from: number): Promise<boolean>;
  /** Removes a job that waits. null: it does not. */
  drop(id: string): Promise<Job | null>;
}
