import type { Job } from './job.ts';

/**
 * Where open jobs are. Each method is one change or one reading; of many that come at once, one wins,
 * and the others are told.
 */
export interface Jobs {
  /** false: there is one of that id already. `due`: see `due`. */
  add(job: Job, due: number): Promise<boolean>;
  /** null: there is none, or no more. */
  get(id: string): Promise<Job | null>;
  /** The provider has taken the job's attempt. false: the job is gone, or at another attempt. */
  taken(job: Job): Promise<boolean>;
  /**
   * The job's next attempt begins; in the lane 'batch' it waits for a batch. false: somebody else has
   * begun it, or the job is gone.
   */
  again(next: Job): Promise<boolean>;
  /** The job is over. The one who removes it is given it, and settles it; all others get null. */
  remove(id: string): Promise<Job | null>;
  /** Ids of the open jobs of a run, those that wait for a batch too. */
  ofRun(run: string): Promise<readonly string[]>;
  /** Ids of open jobs that nobody has looked at until the time that was set, at most 1,000. */
  due(now: number): Promise<readonly string[]>;
  /** Sets the time of the next look at a job. */
  lookAgain(id: string, due: number): Promise<void>;
}

/** The table's index of open jobs: a provider's, in the order of their runs' names, with their due time. */
export const openJobs = { index: 'open', partition: 'open', sort: 'run', due: 'due' } as const;

/** The part of the index in which a provider's jobs wait for a batch. */
export function waitingPart(provider: string): string {
  return `${provider}#waiting`;
}
