import type { Json } from '../../json.ts';
import { smallResult } from '../../payload/model-function.ts';
import { ModelError } from '../errors.ts';
import type { ModelResult } from '../result.ts';
import type { Desk, SubmitDesk } from './desk.ts';
import { type Job, metadataNames } from './job.ts';
import { noted } from './noted.ts';
import { aborted, isOpen, type JobOutcome, jobIn, jobOutcome, type Repair } from './outcome.ts';
import { answered, released, reserved } from './reservation.ts';
import type { Told } from './responses.ts';
import { metError, settle, settleFailure } from './settle.ts';

/**
 * What came of a response that the provider told of.
 *
 * - 'answered': the state has its result or its failure.
 * - 'repaired': the answer could not be used and is asked for again.
 * - 'unwanted': nobody waits for it any more: the state timed out or was stopped.
 * - 'open': the provider still works on it.
 * - 'superseded': it is of an attempt that a repair has replaced.
 * - 'unknown': no open job is behind it. It was answered already, or somebody else's call.
 */
export type Finish = 'answered' | 'repaired' | 'unwanted' | 'open' | 'superseded' | 'unknown';

/**
 * Brings the outcome of a response to the state that waits for it, once: however often, in whatever
 * order and from however many places at once it is called.
 * @throws ModelError where a repair cannot be sent; what the table or the state's token throws
 */
export async function finishJob(told: Told, desk: Desk): Promise<Finish> {
  const named = jobIn(told.data, metadataNames);
  const job = named && (await desk.jobs.get(named.id));
  if (!job) return 'unknown';
  if (named.attempt !== job.attempt) return 'superseded';
  return finishAttempt(job, told, desk);
}

/** The same, of a response that is known to be of the job's attempt. */
export async function finishAttempt(job: Job, told: Told, desk: Desk): Promise<Finish> {
  if (isOpen(told)) return 'open';
  return conclude(job, jobOutcome(job, told, desk, desk.now()), desk);
}

/** Brings what came of a job's attempt to the state that waits. It throws as `finishJob` does. */
export async function conclude(job: Job, outcome: JobOutcome, desk: Desk): Promise<Finish> {
  // Of an attempt that failed without saying what it used, the error says what counts as spent.
  const isUnknown = outcome.kind === 'failure' && outcome.spend === null;
  const over = isUnknown ? job : answered(job, outcome.spend, desk);
  switch (outcome.kind) {
    case 'repair': {
      const next = nextOf(over, outcome.next, desk.now());
      return job.lane === 'batch' ? repairInBatch(next, desk) : repair(next, desk);
    }
    case 'failure':
      return fail(over, outcome.error, desk);
    case 'result':
      return succeed(over, outcome.result, desk);
  }
}

/** First the answer and then the row: whoever is stopped in between is followed by one who removes it. */
async function succeed(job: Job, result: ModelResult, desk: Desk): Promise<Finish> {
  const small = await smallResult(job.request, result);
  const wanted = await desk.tokens.succeed(job.token, small as unknown as Json);
  if (await takenOut(job, desk)) await settle(job, result.usage.totalTokens, desk);
  return wanted ? 'answered' : 'unwanted';
}

/**
 * Fails the job's state, as Lambda would report the error of a sync call: Catch, Retry and whoever reads
 * the cause find the same in both lanes.
 */
export async function fail(job: Job, error: ModelError, desk: Desk): Promise<Finish> {
  const wanted = await tell(job, error, desk);
  if (await takenOut(job, desk)) await settleFailure(job, error, desk);
  return wanted ? 'answered' : 'unwanted';
}

/**
 * Fails the state of a job that the provider cannot be made to stop now. The state must not wait for
 * that, since its own time limit would end it without a name of ours; the job stays, to be stopped later.
 */
export async function failUnstopped(job: Job, error: ModelError, desk: Desk): Promise<void> {
  if (!(await tell(job, error, desk))) return;
  // One more attempt, which none of the provider's answers is of.
  const over: Job = { ...job, attempt: job.attempt + 1, over: true };
  if (await desk.jobs.again(over)) await settleFailure(job, error, desk);
}

async function tell(job: Job, error: ModelError, desk: Desk): Promise<boolean> {
  const { name, message } = await metError(job, error, desk);
  const cause = JSON.stringify({ errorType: name, errorMessage: message, trace: [] });
  return desk.tokens.fail(job.token, name, cause);
}

/** True for the one who has to settle the job: who took it out while its books were open. */
async function takenOut({ id }: Job, { jobs }: SubmitDesk): Promise<boolean> {
  const removed = await jobs.remove(id);
  return removed !== null && !removed.over;
}

function nextOf({ response: _, batch: __, ...job }: Job, next: Repair, begun: number): Job {
  return { ...job, ...next, begun };
}

async function repair(next: Job, desk: Desk): Promise<Finish> {
  // What nobody waits for is not paid for again.
  if (!(await desk.tokens.heartbeat(next.token))) {
    await giveUp(next, desk);
    return 'unwanted';
  }
  if (!(await desk.jobs.again(next))) return 'superseded';
  let job = next;
  try {
    const paid = await reserved(next, desk);
    // The webhook may come before the provider has answered this: the row has to know what is held.
    if (paid !== next && !(await kept(paid, next, desk))) return 'superseded';
    job = paid;
    await noted(await desk.responses.create(job), desk);
    return 'repaired';
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return fail(job, next.spend ? error.withSpend(next.spend) : error, desk);
  }
}

/** The next attempt waits for a batch: it is in the table with its reservation, or not at all. */
async function repairInBatch(next: Job, desk: Desk): Promise<Finish> {
  if (!(await desk.tokens.heartbeat(next.token))) {
    await giveUp(next, desk);
    return 'unwanted';
  }
  let job: Job;
  try {
    job = await reserved(next, desk);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return fail(next, next.spend ? error.withSpend(next.spend) : error, desk);
  }
  if (await desk.jobs.again(job)) return 'repaired';
  await released(job, next, desk);
  return 'superseded';
}

/** False, or an error: the attempt is not made, and what was reserved for it is given back. */
async function kept(paid: Job, before: Job, desk: Desk): Promise<boolean> {
  let isKept = false;
  try {
    isKept = await desk.jobs.taken(paid);
  } finally {
    if (!isKept) await released(paid, before, desk);
  }
  return isKept;
}

/** Removes a job that nobody waits for, with what its attempts have used. */
export async function giveUp(job: Job, desk: Desk): Promise<void> {
  if (!(await takenOut(job, desk))) return;
  const error = aborted(desk.provider.name, job.request.model);
  await settle(job, job.spend?.usage.totalTokens ?? null, desk, error);
}
