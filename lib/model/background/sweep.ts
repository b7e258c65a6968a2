import { lookAtJob } from '../batch/job-look.ts';
import { hasBatches } from '../batch/parts.ts';
import { lookAtBatch } from '../batch/row-look.ts';
import { ModelError } from '../errors.ts';
import { textField } from '../field.ts';
import { sideBySide } from '../side-by-side.ts';
import { addSpend } from '../spend.ts';
import type { Desk } from './desk.ts';
import { fail, failUnstopped, finishAttempt, giveUp } from './finish.ts';
import type { Job } from './job.ts';
import { nextLook } from './look.ts';
import { isOpen, replyIn, timedOut } from './outcome.ts';
import { answered } from './reservation.ts';
import type { Told } from './responses.ts';

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
  const counts = { looked: 0, cancelled: 0 };
  const batches = new Set<string>();
  const asking = impatient(desk);
  await sideBySide(ids, atOnce, async (id) => {
    if (desk.now() > over) return;
    counts.looked += 1;
    if (await looked(() => sweep(id, batches, asking))) counts.cancelled += 1;
  });
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
  // Before the look: should it fail or be stopped, there is another one. Should this fail, it is still due.
  await desk.jobs.lookAgain(id, nextLook(job, now)).catch(() => undefined);
  if (!(await desk.tokens.heartbeat(job.token))) return abandon(job, now, desk);
  if (now >= job.deadline) return endLate(job, desk);
  if (job.response === undefined) {
    if (isSubmitLost(job, now)) await fail(job, lost(job, desk.provider.name), desk);
    return false;
  }
  const told = await desk.responses.retrieve(job.response, job.request.model);
  if (told === null) await fail(job, lost(job, desk.provider.name), desk);
  else await finishAttempt(job, told, desk);
  return false;
}

/** Nobody waits for it any more. One that is just being submitted gets its response first. */
async function abandon(job: Job, now: number, desk: Desk): Promise<boolean> {
  if (job.response === undefined && !isSubmitLost(job, now)) return false;
  await giveUp(spentBy(job, await stopped(job, desk), desk), desk);
  return job.response !== undefined;
}

/** Its time is over. What the provider has finished after all is paid for, and taken. */
async function endLate(job: Job, desk: Desk): Promise<boolean> {
  const { name } = desk.provider;
  let told: Told | null;
  try {
    told = await stopped(job, desk);
  } catch (error) {
    await failUnstopped(job, timedOut(job, name), desk);
    throw error;
  }
  if (told !== null && isDone(told)) {
    await finishAttempt(job, told, desk);
    return false;
  }
  const ended = spentBy(job, told, desk);
  await fail(ended, timedOut(ended, name), desk);
  return true;
}

function isSubmitLost({ begun, started }: Job, now: number): boolean {
  return now - (begun ?? started) > submitLimit;
}

function isDone(told: Told): boolean {
  return !isOpen(told) && textField(told.data, 'status') !== 'cancelled';
}

/** What the provider knows of a job that it was told to stop, done or not. null: nothing. */
async function stopped({ response, request }: Job, { responses }: Desk): Promise<Told | null> {
  if (response === undefined) return null;
  const { model } = request;
  return (await responses.cancel(response, model)) ?? responses.retrieve(response, model);
}

/** The job with what it has used until the provider stopped. */
function spentBy(job: Job, told: Told | null, desk: Desk): Job {
  const spend = told && replyIn(told, job, desk)?.spend;
  return spend ? answered({ ...job, spend: addSpend(job.spend ?? null, spend) }, spend, desk) : job;
}

/** A provider that has let a round of questions hang is not asked again in this look. */
function impatient(desk: Desk): Desk {
  const { cancel, retrieve } = desk.responses;
  const { name } = desk.provider;
  let hung = 0;
  const asked =
    (ask: typeof retrieve): typeof retrieve =>
    async (id, model) => {
      if (hung >= atOnce) throw silent(name, model);
      try {
        const told = await ask(id, model);
        hung = 0;
        return told;
      } catch (error) {
        if (error instanceof ModelError && error.name === 'Model.Timeout') hung += 1;
        throw error;
      }
    };
  const responses = { ...desk.responses, cancel: asked(cancel), retrieve: asked(retrieve) };
  return { ...desk, responses };
}

function silent(provider: string, model: string): ModelError {
  const why = `${provider}:${model} was not asked: it has not answered what it was asked just now.`;
  return new ModelError('Model.Timeout', why, { provider, model });
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
