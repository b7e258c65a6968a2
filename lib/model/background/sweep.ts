import { lookAtJob } from '../batch/job-look.ts';
import { hasBatches } from '../batch/parts.ts';
import { lookAtBatch } from '../batch/row-look.ts';
import { ModelError } from '../errors.ts';
import { addSpend } from '../spend.ts';
import type { Desk } from './desk.ts';
import { fail, finishJob, giveUp } from './finish.ts';
import type { Job } from './job.ts';
import { nextLook } from './look.ts';
import { replyIn } from './outcome.ts';
import { answered } from './reservation.ts';

/** So many jobs are looked at side by side. */
const atOnce = 20;
/** A submit takes no longer: a job without a response that is older has lost its submit. */
const submitLimit = 90_000;

/** What was found and done: counts of jobs. */
export interface Swept {
  readonly looked: number;
  readonly cancelled: number;
}

/**
 * Looks at jobs that no webhook has ended. One whose state no longer waits (its branch lost, a sibling
 * failed, its run was stopped) is cancelled at the provider; one that is done is answered, since its
 * webhook was lost; one whose time is over is cancelled and fails with 'Model.Timeout'.
 * @param over no job is begun after it, in milliseconds since the epoch. Default: all are looked at
 */
export async function sweepJobs(
  ids: readonly string[],
  desk: Desk,
  over = Number.POSITIVE_INFINITY,
): Promise<Swept> {
  const queue = ids.values();
  const counts = { looked: 0, cancelled: 0 };
  const batches = new Set<string>();
  async function worker(): Promise<void> {
    for (const id of queue) {
      if (desk.now() > over) return;
      counts.looked += 1;
      if (await looked(() => sweep(id, batches, desk))) counts.cancelled += 1;
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (hasBatches(desk)) {
    for (const id of batches) {
      await looked(async () => (await lookAtBatch(id, desk, over)) === 'ended');
    }
  }
  return counts;
}

/** One that cannot be helped now, because the provider cannot be reached, is looked at again. */
async function looked(look: () => Promise<boolean>): Promise<boolean> {
  try {
    return await look();
  } catch (error) {
    const why = error instanceof Error ? error.name : 'unknown';
    console.warn(`A background call could not be looked after (${why}); it is tried again.`);
    return false;
  }
}

/**
 * True where a call was cancelled.
 * @param batches takes those that nobody may wait for any more
 */
async function sweep(id: string, batches: Set<string>, desk: Desk): Promise<boolean> {
  const job = await desk.jobs.get(id);
  if (job === null) return false;
  if (job.lane === 'batch') {
    const batch = hasBatches(desk) ? await lookAtJob(job, desk) : null;
    if (batch !== null) batches.add(batch);
    return false;
  }
  const now = desk.now();
  // Before the look: should it fail or be stopped, there is another one.
  await desk.jobs.lookAgain(id, nextLook(job, now));
  if (!(await desk.tokens.heartbeat(job.token))) return abandon(job, now, desk);
  if (now >= job.deadline) {
    const cancelled = await cancel(job, desk);
    await fail(cancelled, timedOut(cancelled, desk.provider.name), desk);
    return true;
  }
  if (job.response === undefined) {
    if (now - job.started > submitLimit) await fail(job, lost(job, desk.provider.name), desk);
    return false;
  }
  const told = await desk.responses.retrieve(job.response, job.request.model);
  if (told === null) await fail(job, lost(job, desk.provider.name), desk);
  else await finishJob(told, desk);
  return false;
}

/** Nobody waits for it any more. One that is just being submitted gets its response first. */
async function abandon(job: Job, now: number, desk: Desk): Promise<boolean> {
  if (job.response === undefined && now - job.started <= submitLimit) return false;
  await giveUp(await cancel(job, desk), desk);
  return job.response !== undefined;
}

/** The job with what it has used until the provider stopped. */
async function cancel(job: Job, desk: Desk): Promise<Job> {
  if (job.response === undefined) return job;
  const { model } = job.request;
  const told = await desk.responses.cancel(job.response, model);
  const spend = told && replyIn(told, job, desk)?.spend;
  return spend ? answered({ ...job, spend: addSpend(job.spend ?? null, spend) }, spend, desk) : job;
}

function timedOut(job: Job, provider: string): ModelError {
  const { model } = job.request;
  const seconds = Math.round((job.deadline - job.started) / 1000);
  const error = new ModelError(
    'Model.Timeout',
    `${provider}:${model} did not finish its answer within ${seconds} seconds, and was cancelled. Raise the step's timeout, ask for less, or retry.`,
    { provider, model },
  );
  return job.spend ? error.withSpend(job.spend) : error;
}

function lost(job: Job, provider: string): ModelError {
  const { model } = job.request;
  const error = new ModelError(
    'Model.Unavailable',
    `${provider}:${model} knows nothing of the call that was given to it. Retry; the call may have been paid for.`,
    { provider, model },
  );
  return job.spend ? error.withSpend(job.spend) : error;
}
