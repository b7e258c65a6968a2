import { PayloadError } from '../../errors.ts';
import { wholeRequest } from '../../payload/model-function.ts';
import { fail } from '../background/finish.ts';
import type { Job } from '../background/job.ts';
import { chatBody } from '../chat-body.ts';
import { ModelError } from '../errors.ts';
import { responsesBody } from '../responses-body.ts';
import { oneByOne } from '../side-by-side.ts';
import { type Batch, customId, endpoints } from './batch.ts';
import { withSpend } from './faults.ts';
import { failUnpaid, isWanted, unpaid } from './leave.ts';
import type { BatchDesk } from './parts.ts';

/**
 * OpenAI takes 50,000 requests and 200 MB a file (API reference, "Create batch"). Ours are smaller: a
 * row of the table holds the ids of 5,000 jobs, and a function of 256 MB memory some times 20 MB.
 */
export const mostRows = 5_000;
const mostBytes = 20_000_000;
/** Until a store of payloads that cannot be read is asked again, in milliseconds. */
const storePause = 60_000;
/** So many jobs are claimed side by side. */
const atOnce = 20;

/** A job in a batch, and its line of the file. */
export interface Call {
  readonly job: Job;
  readonly line: Buffer;
}

const bodies = { chat: chatBody, responses: responsesBody };

/** What is in a batch now. */
interface Filled {
  /** In the order of their lines. */
  readonly calls: readonly Call[];
  /** Ids of those for which there was no room, or no time. */
  readonly rest: ReadonlySet<string>;
  /** See `Batch.strays`. */
  readonly strays: readonly string[];
}

/**
 * Claims the jobs of a batch, each by one conditional update, and writes their lines. One whose state
 * does not wait any more is dropped, unpaid.
 */
export async function fill(batch: Batch, desk: BatchDesk, over: number): Promise<Filled> {
  const calls: Call[] = [];
  const rest = new Set<string>();
  const strays: string[] = [];
  let bytes = 0;
  const add = async (id: string): Promise<void> => {
    const call = await claimed(id, batch, desk);
    if (call === null) return;
    const isFull = calls.length > 0 && bytes + call.line.length > mostBytes;
    if (!isFull) {
      bytes += call.line.length;
      calls.push(call);
    } else if (await desk.batch.waiting.release(call.job, batch.id, 0)) rest.add(id);
  };
  await oneByOne(batch.jobs, atOnce, async (id) => {
    if (bytes >= mostBytes || desk.now() > over) return void rest.add(id);
    await add(id).catch((error: unknown) => {
      strays.push(id);
      throw error;
    });
  });
  return { calls, rest, strays };
}

/** null: another one has it, nobody waits for it, or it cannot be asked. */
async function claimed(id: string, batch: Batch, desk: BatchDesk): Promise<Call | null> {
  const waiting = await desk.jobs.get(id);
  if (waiting === null || waiting.batch !== undefined) return null;
  const { restored: _, ...rest } = waiting;
  const job = { ...rest, batch: batch.id };
  if (!(await desk.batch.waiting.claim(job))) return null;
  if (!(await isWanted(job, desk))) {
    await unpaid(job, desk);
    return null;
  }
  try {
    return { job, line: await lineOf(job, batch, desk) };
  } catch (error) {
    await cannotBeAsked(job, error, desk);
    return null;
  }
}

/** A request that cannot be written fails by the error's name, as a sync call; a store may be back soon. */
async function cannotBeAsked(job: Job, error: unknown, desk: BatchDesk): Promise<void> {
  if (error instanceof ModelError) await fail(job, withSpend(job, error), desk);
  else if (error instanceof PayloadError && error.name === 'Payload.Missing') {
    await failUnpaid(job, error, desk);
  } else await desk.batch.waiting.release(job, String(job.batch), desk.now() + storePause);
}

async function lineOf(job: Job, { protocol }: Batch, { provider }: BatchDesk): Promise<Buffer> {
  const request = await wholeRequest(job.asked ?? job.request);
  const { body } = bodies[protocol](request, provider);
  const custom_id = customId(job.id, job.attempt);
  const url = endpoints[protocol];
  return Buffer.from(`${JSON.stringify({ custom_id, method: 'POST', url, body })}\n`);
}
