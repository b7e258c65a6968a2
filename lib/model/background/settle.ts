import type { ModelError } from '../errors.ts';
import { isRefusal, reached, tokensOf } from '../limiter/limited-call.ts';
import { deferred, inTurn } from '../turn.ts';
import type { SubmitDesk } from './desk.ts';
import type { Job } from './job.ts';
import { reservationsOf } from './reservation.ts';

/** In front of all that wait: as the limiter says of a call that was refused. */
const front = 0;
/** Where a provider that is full says no time. */
const usualWait = 2;

/**
 * Tells limiter and budgets that a job is over, for the one who removed it.
 * @param tokens what it has used; null: not known
 * @param error what ended it; null: it was answered
 */
export async function settle(
  job: Job,
  tokens: number | null,
  desk: SubmitDesk,
  error: ModelError | null = null,
): Promise<void> {
  await reservationsOf(job, desk)?.settle(error);
  const { grant, told } = job;
  if (desk.limiter === null || grant === undefined) return;
  if (error !== null && isRefusal(error)) {
    const seconds = error.retryAfter || usualWait;
    await reached(desk.limiter.refused(grant, seconds, error.name === 'Model.RateLimited'));
  } else {
    await reached(desk.limiter.settle(grant, { tokens, ...(told ? { told } : {}) }));
  }
}

/** Tells them how a job has failed, for the one who removed it. */
export function settleFailure(job: Job, error: ModelError, desk: SubmitDesk): Promise<void> {
  return settle(job, tokensOf(error), desk, error);
}

/**
 * The error that the job's state meets: 'Model.Deferred' where the provider is full and it may wait; with
 * what counts as spent where a budget cannot know it.
 */
export async function metError(job: Job, error: ModelError, desk: SubmitDesk): Promise<ModelError> {
  const { request, grant } = job;
  if (grant !== undefined && isRefusal(error)) {
    return deferred(error, request.turn, error.retryAfter || usualWait, { place: front });
  }
  const noted = reservationsOf(job, desk)?.noted(error) ?? error;
  return inTurn(request, () => Promise.reject(noted)).catch((met: ModelError) => met);
}
