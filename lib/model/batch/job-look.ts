import type { Job } from '../background/job.ts';
import { expired } from './faults.ts';
import { isWanted, leave, tell } from './leave.ts';
import type { BatchDesk } from './parts.ts';

/** A job that nobody waits for stays in its batch until that is over: so often it is looked at. */
const pause = 900_000;

/**
 * Looks at a job of this lane. One whose time is over is told so, and called in the lane 'sync'; it stays
 * in its batch, with what it holds of its budget, until that says what it has cost.
 * @returns the batch that may not be wanted any more; null: none
 */
export async function lookAtJob(job: Job, desk: BatchDesk): Promise<string | null> {
  const now = desk.now();
  const wanted = await isWanted(job, desk);
  if (wanted && now < job.deadline) return null;
  if (job.batch === undefined) {
    await leave(job, desk);
    return null;
  }
  if (wanted) await tell(job, expired(job, desk.provider.name), desk);
  await desk.jobs.lookAgain(job.id, now + pause);
  return job.batch;
}
