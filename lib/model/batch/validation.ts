import { fail } from '../background/finish.ts';
import type { Job } from '../background/job.ts';
import type { ModelError } from '../errors.ts';
import { field, textField } from '../field.ts';
import { oneByOne } from '../side-by-side.ts';
import { statusFault } from '../status-fault.ts';
import { type Batch, namedInLine } from './batch.ts';
import type { ToldBatch } from './calls.ts';
import { withSpend } from './faults.ts';
import { releaseAll } from './give.ts';
import type { BatchDesk } from './parts.ts';

/** So many jobs are dealt with side by side. */
const atOnce = 20;
/** The account has as many tokens in open batches as it may: it has nothing to do with these calls. */
const isFull = /token_limit_exceeded/;
/** Said of one line, and true of all: a batch has one model. */
const isOfAll = /model/;

/**
 * Deals with a batch that the provider has refused as a whole (`status: 'failed'`): nothing of it was
 * made or paid for. An account that is full is asked again later, with half as many calls each time.
 * Lines that are at fault fail, and the others go into another batch; a fault of no line fails all.
 * @returns how many jobs could not be dealt with
 */
export async function refuseBatch(
  batch: Batch,
  told: ToldBatch | null,
  desk: BatchDesk,
): Promise<number> {
  const jobs = await jobsOf(batch, desk);
  const all = field(told, 'errors', 'data');
  const errors = Array.isArray(all) ? all : [];
  if (errors.some((error) => isFull.test(textField(error, 'code') ?? ''))) {
    const most = Math.max(1, Math.ceil(jobs.length / 2));
    return releaseAll(batch, jobs, desk, null, most);
  }
  const byJob = await faultsByJob(errors, batch, told, desk);
  return oneByOne(jobs, atOnce, async (job) => {
    const error = byJob === null ? errors[0] : byJob.get(job.id);
    const isInnocent = error === undefined && byJob !== null;
    if (isInnocent) await desk.batch.waiting.release(job, batch.id, 0);
    else await fail(job, withSpend(job, faultOf(error, job, desk)), desk);
  });
}

async function jobsOf(batch: Batch, desk: BatchDesk): Promise<readonly Job[]> {
  const jobs: Job[] = [];
  for (const id of batch.jobs) {
    const job = await desk.jobs.get(id);
    if (job?.batch === batch.id) jobs.push(job);
  }
  return jobs;
}

/** What is wrong with which job, by the lines of the file that was uploaded; null: with all of them. */
async function faultsByJob(
  errors: readonly unknown[],
  batch: Batch,
  told: ToldBatch | null,
  desk: BatchDesk,
): Promise<ReadonlyMap<string, unknown> | null> {
  const lines = new Map(errors.map((error) => [Number(field(error, 'line') ?? 0), error]));
  const isGeneral = (error: unknown) =>
    !(Number(field(error, 'line')) > 0) || isOfAll.test(textField(error, 'code') ?? '');
  const file = textField(told, 'input_file_id');
  if (file === undefined || errors.length === 0 || errors.some(isGeneral)) return null;
  const byJob = new Map<string, unknown>();
  let count = 0;
  for await (const line of desk.batch.calls.lines(file, batch.model)) {
    count += 1;
    const error = lines.get(count);
    if (error === undefined) continue;
    const named = namedInLine(line);
    if (named) byJob.set(named.id, error);
  }
  return byJob.size === 0 ? null : byJob;
}

/** Named and told as a sync call with that fault would be. */
function faultOf(error: unknown, job: Job, { provider, baseURL }: BatchDesk): ModelError {
  const code = textField(error, 'code') ?? '';
  const param = textField(error, 'param')?.replace(/^body\./, '');
  const sent = ['temperature', 'top_p', 'tools', 'tool_choice', 'response_format', 'text'];
  const of = { provider, model: job.request.model, baseURL, sent };
  return statusFault(isOfAll.test(code) ? 404 : 400, { code, param }, undefined, of);
}
