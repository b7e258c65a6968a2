import type { Json } from '../../json.ts';
import { checkBatchFit } from '../batch/batch-fit.ts';
import { ModelError } from '../errors.ts';
import { admission, reached } from '../limiter/limited-call.ts';
import { checkRequest } from '../request-check.ts';
import { checkFit } from '../request-fit.ts';
import type { SubmitDesk } from './desk.ts';
import { type Job, jobId } from './job.ts';
import { firstLook } from './look.ts';
import { noted } from './noted.ts';
import { budgeted, reserved } from './reservation.ts';
import { metError, settle, settleFailure } from './settle.ts';

/** What a submitting function gives: it stands in the run's history, which a run is resumed from. */
export interface Submitted {
  readonly job: string;
  /** The provider's name of what it works on; null: a submit of the same token has not been told it. */
  readonly response: string | null;
}

/** A request without a time limit of its own is given up after a day: the provider keeps it no longer. */
const longest = 86_400;

/**
 * Gives a call to the provider and goes. The job is in the table first, because the webhook may come
 * before the provider has answered this. A token that comes twice is given to the provider once. In the
 * lane 'batch' the job only goes into the table, where it waits for a batch.
 * @param event `{ taskToken, request, lane }`; lane: 'batch', or absent for 'background'
 * @throws ModelError 'Model.Deferred' where the call has to wait; else the call's own error
 */
export async function submitJob(event: unknown, desk: SubmitDesk): Promise<Submitted> {
  const { provider, jobs, limiter } = desk;
  const given = (event ?? {}) as { taskToken?: unknown; request?: Json; lane?: unknown };
  const request = checkRequest(given.request, provider.name);
  const { taskToken: token } = given;
  if (typeof token !== 'string' || token === '') {
    throw new ModelError(
      'Model.Rejected',
      `The request for ${provider.name} is not valid: it has no task token. Call this function by a state that waits for one (.waitForTaskToken).`,
      { provider: provider.name, model: request.model },
    );
  }
  const lane = given.lane === 'batch' ? given.lane : undefined;
  if (lane) checkBatchFit(request, provider);
  else checkFit(request, provider, 'responses');
  const id = jobId(token);
  const known = await jobs.get(id);
  if (known) return { job: id, response: known.response ?? null };

  // Batches have limits of their own: no limiter is in front of them.
  const grant = lane || !limiter ? null : await admission(request, limiter, provider, desk.baseURL);
  const started = desk.now();
  const asked: Job = {
    id,
    token,
    request,
    ...(lane ? { lane } : {}),
    attempt: 1,
    started,
    deadline: started + (request.timeoutSeconds ?? longest) * 1000,
    ...(grant ? { grant } : {}),
  };
  const job = await paid(budgeted(asked, desk), desk);
  if (!(await added(job, desk))) {
    // The same token came twice at once, and the other one gives the call to the provider.
    await settle(job, 0, desk, notSent(job, provider.name));
    return { job: id, response: null };
  }
  return lane ? { job: id, response: null } : create(job, desk);
}

async function create(job: Job, desk: SubmitDesk): Promise<Submitted> {
  const { jobs, limiter, responses } = desk;
  const { id, grant } = job;
  try {
    const taken = await responses.create(job);
    if (grant && limiter) await reached(limiter.taken(grant));
    await noted(taken, desk);
    return { job: id, response: taken.response ?? null };
  } catch (error) {
    // One that cannot be taken out, or that an early webhook has, is settled by whoever takes it out.
    const removed = await jobs.remove(id).catch(() => null);
    if (!(error instanceof ModelError)) throw error;
    if (removed !== null) await settleFailure(job, error, desk);
    throw await metError(job, error, desk);
  }
}

/** False: the table has one of the same token. Should the table fail, nothing stays reserved that can be given back. */
async function added(job: Job, desk: SubmitDesk): Promise<boolean> {
  const { jobs, provider } = desk;
  try {
    return await jobs.add(job, firstLook(job));
  } catch (error) {
    // Perhaps it is there, and the table's answer was lost: then it is to be settled once, by a look or here.
    const isOut = await jobs
      .get(job.id)
      .then((found) => found === null || (isSame(found, job) && jobs.remove(job.id).then(Boolean)))
      .catch(() => false);
    if (isOut) await settle(job, 0, desk, notSent(job, provider.name));
    throw error;
  }
}

function isSame(one: Job, other: Job): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The job, with what it may cost reserved. @throws ModelError 'Budget.Exceeded' */
async function paid(job: Job, desk: SubmitDesk): Promise<Job> {
  try {
    return await reserved(job, desk);
  } catch (error) {
    // It was not called, so it used nothing.
    await settle(job, 0, desk);
    throw error;
  }
}

function notSent({ request: { model } }: Job, provider: string): ModelError {
  const why = `${provider}:${model} was not called: it is being called already.`;
  return new ModelError('Model.Rejected', why, { provider, model, status: 409 });
}
