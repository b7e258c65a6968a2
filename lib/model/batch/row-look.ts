import { nextLook } from '../background/look.ts';
import { textField } from '../field.ts';
import { oneByOne, sideBySide } from '../side-by-side.ts';
import { type Batch, lostAfter } from './batch.ts';
import { ourIdOf, type ToldBatch } from './calls.ts';
import { end } from './end.ts';
import { isWanted } from './leave.ts';
import type { BatchDesk } from './parts.ts';

/**
 * What came of a look at a batch.
 *
 * - 'ended': all its jobs are answered or wait again, and its files and row are gone.
 * - 'open': the provider works on it, or it is just being given.
 * - 'partly': it is over, and not all its jobs could be dealt with yet.
 * - 'unknown': there is no such batch here, or no more.
 */
export type BatchLook = 'ended' | 'open' | 'partly' | 'unknown';

const never = Number.POSITIVE_INFINITY;
/** A cancelled batch may take ten minutes to stop (OpenAI's guide, "Batch API"): it is looked at soon. */
const cancelling = 60_000;
const ends = /^(completed|failed|expired|cancelled|gone)$/;
/** A provider may not find at once what it has just made. In milliseconds. */
const settling = 120_000;
/** So many jobs are asked side by side whether they are wanted. */
const atOnce = 5;

/** Looks at an open batch, and brings its end to its jobs. */
export async function lookAtBatch(
  id: string,
  desk: BatchDesk,
  over = Number.POSITIVE_INFINITY,
): Promise<BatchLook> {
  const { rows, calls } = desk.batch;
  const batch = await rows.get(id);
  if (batch === null) return 'unknown';
  const now = desk.now();
  if (batch.given === undefined) {
    if (now - batch.created < lostAfter) return 'open';
    const told = await calls.find(batch);
    const given = told && textField(told, 'id');
    if (!given) return lose(batch, desk);
    return dealWith(await adopted(batch, given, desk), told, desk, over);
  }
  // Before the look: should it fail or be stopped, there is another one.
  await rows.lookAgain(id, nextLook({ started: batch.created, deadline: never }, now));
  const told = await calls.retrieve(batch.given, batch.model);
  return dealWith(batch, told, desk, over);
}

/** It was never made: what was claimed for it waits again. */
async function lose(batch: Batch, desk: BatchDesk): Promise<BatchLook> {
  if ((await released(batch.jobs, batch, desk)) > 0) return 'partly';
  if (batch.file !== undefined) await desk.batch.calls.forget(batch.file, batch.model);
  await desk.batch.rows.remove(batch.id);
  return 'ended';
}

/** Those of these jobs that are in the batch wait again. @returns how many could not be released */
function released(ids: readonly string[], batch: Batch, desk: BatchDesk): Promise<number> {
  return oneByOne(ids, atOnce, async (id) => {
    const job = await desk.jobs.get(id);
    if (job?.batch === batch.id) await desk.batch.waiting.release(job, batch.id, 0);
  });
}

/** The batch, without those that were claimed for it and are not in its file. */
async function withoutStrays(batch: Batch, desk: BatchDesk): Promise<Batch> {
  const { strays, ...rest } = batch;
  if (!strays || (await released(strays, batch, desk)) > 0) return batch;
  const look = nextLook({ started: batch.created, deadline: never }, desk.now());
  await desk.batch.rows.change(rest, look);
  return rest;
}

/** The provider's id was not noted: it is now. */
async function adopted(batch: Batch, given: string, desk: BatchDesk): Promise<Batch> {
  const known = { ...batch, given };
  const look = nextLook({ started: batch.created, deadline: never }, desk.now());
  await desk.batch.rows.change(known, look);
  return known;
}

/**
 * Takes a batch of which the provider's webhook tells.
 * @param given the provider's id
 */
export async function takeBatch(given: string, desk: BatchDesk, over: number): Promise<BatchLook> {
  const { rows, calls } = desk.batch;
  const told = await calls.retrieve(given, 'unknown');
  const id = told && ourIdOf(told);
  let batch = id ? await rows.get(id) : null;
  if (!told || batch === null) return 'unknown';
  if (batch.given === undefined) batch = await adopted(batch, given, desk);
  // One that was made twice is nobody's: only one of them is known.
  if (batch.given !== given) return 'unknown';
  return dealWith(batch, told, desk, over);
}

async function dealWith(
  found: Batch,
  told: ToldBatch | null,
  desk: BatchDesk,
  over: number,
): Promise<BatchLook> {
  const batch = await withoutStrays(found, desk);
  const isNew = desk.now() - batch.created < settling;
  if (told === null && isNew) return 'open';
  const status = told === null ? 'gone' : textField(told, 'status');
  if (!ends.test(status ?? '')) {
    if (!batch.cancelled && !batch.shared && !(await hasWanted(batch, desk))) {
      await desk.batch.calls.cancel(String(batch.given), batch.model);
      await desk.batch.rows.change({ ...batch, cancelled: true }, desk.now() + cancelling);
    }
    return 'open';
  }
  return end(batch, told, desk, over);
}

/** Whether a state waits for at least one of a batch's jobs. */
async function hasWanted(batch: Batch, desk: BatchDesk): Promise<boolean> {
  const now = desk.now();
  let found = false;
  await sideBySide(batch.jobs, atOnce, async (id) => {
    if (found) return;
    const job = await desk.jobs.get(id);
    if (job?.batch === batch.id && now < job.deadline && (await isWanted(job, desk))) found = true;
  });
  return found;
}
