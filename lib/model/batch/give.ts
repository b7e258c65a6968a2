import { fail } from '../background/finish.ts';
import type { Job } from '../background/job.ts';
import { firstLook } from '../background/look.ts';
import { ModelError, type ModelErrorName } from '../errors.ts';
import { oneByOne } from '../side-by-side.ts';
import { type Batch, lostAfter } from './batch.ts';
import { withSpend } from './faults.ts';
import type { Call } from './fill.ts';
import type { BatchDesk } from './parts.ts';
import { pauseOf } from './pause.ts';

/** After so long the row counts as lost, and its jobs may go elsewhere: see `lostAfter`. In milliseconds. */
const giveLimit = 240_000;

/** So many jobs are dealt with side by side. */
const atOnce = 20;

/** What passes by itself; all else fails the calls by its name. */
const passing: readonly ModelErrorName[] = [
  'Model.RateLimited',
  'Model.Overloaded',
  'Model.Unavailable',
  'Model.Timeout',
];

/**
 * Uploads the calls of a batch and makes it at the provider. Where nobody can know whether it was made,
 * the row stays without the provider's id, and is looked for later: nothing is given twice.
 * @returns how many jobs were given
 */
export async function give(batch: Batch, calls: readonly Call[], desk: BatchDesk): Promise<number> {
  const { calls: provider, rows } = desk.batch;
  const jobs = calls.map(({ job }) => job);
  let file: string | null = null;
  let given: string;
  try {
    file = await provider.upload(
      batch,
      calls.map(({ line }) => line),
    );
    if (desk.now() - batch.created > giveLimit) throw tooLate(batch, desk);
    given = await provider.create(batch, file);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    if (file !== null && mayBeMade(error)) {
      console.warn(`A batch may have been made or not (${error.name}); it is looked for.`);
      await fileNoted(batch.id, file, desk).catch(() => undefined);
      return 0;
    }
    await refused(batch, jobs, error, desk);
    if (file !== null) await provider.forget(file, batch.model).catch(() => undefined);
    return 0;
  }
  const look = firstLook({ started: desk.now(), deadline: Number.POSITIVE_INFINITY });
  await rows.change({ ...batch, given, file, jobs: jobs.map(({ id }) => id) }, look);
  return jobs.length;
}

/** So that the file is deleted, should there be no batch. An early webhook may have told of one by now. */
async function fileNoted(id: string, file: string, { batch: { rows } }: BatchDesk): Promise<void> {
  const batch = await rows.get(id);
  if (batch === null || batch.given !== undefined) return;
  await rows.change({ ...batch, file }, batch.created + lostAfter);
}

/** No answer, or one that a gateway may have given in the provider's place. */
function mayBeMade({ status }: ModelError): boolean {
  return status === null || status < 400 || status >= 500 || status === 408;
}

/** Nothing was made. First the jobs and then the row: by it, what is left of them is found. */
async function refused(batch: Batch, jobs: readonly Job[], error: ModelError, desk: BatchDesk) {
  const failed = passing.includes(error.name)
    ? await releaseAll(batch, jobs, desk, error.retryAfter)
    : await oneByOne(jobs, atOnce, (job) => fail(job, withSpend(job, error), desk));
  if (failed === 0 && !batch.strays) await desk.batch.rows.remove(batch.id);
}

/**
 * The jobs wait again, all to the same time, so that they can go together.
 * @param seconds at least; null: as nobody says
 * @param most calls of their next batch. Default: as before
 * @returns how many could not be released
 */
export async function releaseAll(
  batch: Batch,
  jobs: readonly Job[],
  desk: BatchDesk,
  seconds: number | null,
  most?: number,
): Promise<number> {
  const pauses = 1 + Math.max(0, ...jobs.map((job) => job.pauses ?? 0));
  const from = desk.now() + Math.max(pauseOf(pauses), (seconds ?? 0) * 1000);
  const { waiting } = desk.batch;
  return oneByOne(jobs, atOnce, (job) =>
    waiting.release({ ...job, pauses, ...(most ? { most } : {}) }, batch.id, from),
  );
}

function tooLate({ model }: Batch, { provider: { name: provider } }: BatchDesk): ModelError {
  const why = `The calls of ${provider}:${model} took too long to be uploaded. They are uploaded again.`;
  return new ModelError('Model.Overloaded', why, { provider, model, status: 499 });
}
