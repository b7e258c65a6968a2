import { conclude, fail } from '../background/finish.ts';
import type { Job } from '../background/job.ts';
import { jobOutcome } from '../background/outcome.ts';
import { field, textField } from '../field.ts';
import { faultInReply, statusFault } from '../status-fault.ts';
import { type Batch, namedBy } from './batch.ts';
import { cancelled, expired, missing, withSpend } from './faults.ts';
import { failUnpaid } from './leave.ts';
import type { BatchDesk } from './parts.ts';

/**
 * Deals with one line of a batch's files: `{ custom_id, response: { status_code, request_id, body }, error }`.
 * One of a job that is over, of an earlier attempt or of somebody else's means nothing.
 * @returns false: it could not be dealt with now
 */
export async function answerLine(text: string, batch: Batch, desk: BatchDesk): Promise<boolean> {
  const line = parsed(text);
  const named = namedBy(textField(line, 'custom_id') ?? '');
  if (named === null) return true;
  try {
    const job = await desk.jobs.get(named.id);
    if (job === null || job.attempt !== named.attempt || job.batch !== batch.id) return true;
    await answerJob(job, line, batch, desk);
    return true;
  } catch (error) {
    const why = error instanceof Error ? error.name : 'unknown';
    console.warn(`A call of a batch could not be answered (${why}); it is tried again.`);
    return false;
  }
}

async function answerJob(job: Job, line: unknown, batch: Batch, desk: BatchDesk): Promise<void> {
  const { provider, baseURL } = desk;
  const code = textField(line, 'error', 'code');
  if (code === 'batch_expired') return failUnpaid(job, expired(job, provider.name), desk);
  if (code === 'batch_cancelled') return failUnpaid(job, cancelled(job, provider.name), desk);
  const of = { provider, model: job.request.model, baseURL, sent: [] };
  const body = field(line, 'response', 'body');
  const status = Number(field(line, 'response', 'status_code') ?? 0);
  // Everything from 300 on is refused by the name that a sync call would have met.
  if (status >= 300) {
    const refused = statusFault(status, field(body, 'error') ?? body, undefined, of);
    await fail(job, withSpend(job, refused), desk);
  } else if (status >= 200) {
    const id = textField(line, 'response', 'request_id');
    const headers = new Headers(id && /^[\x21-\x7e]+$/.test(id) ? { 'x-request-id': id } : {});
    const by = { provider, baseURL, protocol: batch.protocol };
    await conclude(job, jobOutcome(job, { data: body, headers }, by, desk.now()), desk);
  } else {
    const fault = faultInReply(line, of);
    await fail(job, fault ? withSpend(job, fault) : missing(job, provider.name), desk);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
