import type { CloudgatherError } from '../../errors.ts';
import type { Job } from '../background/job.ts';
import { settle } from '../background/settle.ts';
import { expired } from './faults.ts';
import type { BatchDesk } from './parts.ts';

/**
 * A job that waits for a batch waits no longer: its time is over, or nobody waits for it. Nothing was
 * paid for its attempt. One that another collector has claimed meanwhile is left to that one, which
 * finds its state gone.
 */
export async function leave(job: Job, desk: BatchDesk): Promise<void> {
  if (desk.now() >= job.deadline) await tell(job, expired(job, desk.provider.name), desk);
  const dropped = await desk.batch.waiting.drop(job.id);
  if (dropped) await giveBack(dropped, desk);
}

/** Removes a job whose attempt was not made, with what its earlier ones have used. */
export async function unpaid({ id }: Job, desk: BatchDesk): Promise<void> {
  const removed = await desk.jobs.remove(id);
  if (removed) await giveBack(removed, desk);
}

function giveBack(job: Job, desk: BatchDesk): Promise<void> {
  const error = expired(job, desk.provider.name);
  return settle(job, job.spend?.usage.totalTokens ?? 0, desk, error);
}

/** Fails a job whose attempt has cost nothing: first its state is told, and then it goes. */
export async function failUnpaid(
  job: Job,
  error: CloudgatherError,
  desk: BatchDesk,
): Promise<void> {
  await tell(job, error, desk);
  await unpaid(job, desk);
}

/** Tells a job's state why it fails. false: it does not wait any more. */
export async function tell(job: Job, error: CloudgatherError, desk: BatchDesk): Promise<boolean> {
  const { name, message } = error;
  const cause = JSON.stringify({ errorType: name, errorMessage: message, trace: [] });
  return desk.tokens.fail(job.token, name, cause);
}

/** Whether a state waits for a job. One that cannot be asked now is taken to wait. */
export async function isWanted({ token }: Job, desk: BatchDesk): Promise<boolean> {
  return desk.tokens.heartbeat(token).catch(() => true);
}
