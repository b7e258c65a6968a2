import type { Job } from '../background/job.ts';
import { field, textField } from '../field.ts';
import type { Protocol } from '../protocol.ts';
import { type Batch, endpoints, namedInLine } from './batch.ts';
import { ourIdOf, type ToldBatch } from './calls.ts';
import type { BatchDesk } from './parts.ts';

/**
 * Puts jobs that were written again after their table was lost into the batches that the provider has
 * them in, by the names in the batches' input files: what was given once is not given again. Of several
 * attempts the last one counts.
 * @returns those that are in no batch; none while the provider cannot say
 */
export async function unmatched(
  restored: readonly Job[],
  desk: BatchDesk,
): Promise<readonly Job[]> {
  if (restored.length === 0) return [];
  const open = new Map(restored.map((job) => [job.id, job]));
  try {
    const since = Math.min(...restored.map(({ started }) => started));
    for await (const told of desk.batch.calls.listed(since)) {
      await matchOne(told, open, desk);
      if (open.size === 0) break;
    }
  } catch (error) {
    const why = error instanceof Error ? error.name : 'unknown';
    console.warn(`The provider's batches could not be listed (${why}); it is tried again.`);
    return [];
  }
  return [...open.values()];
}

/** Takes those out of `open` that are in this batch. */
async function matchOne(told: ToldBatch, open: Map<string, Job>, desk: BatchDesk): Promise<void> {
  const [id, given, file] = [
    ourIdOf(told),
    textField(told, 'id'),
    textField(told, 'input_file_id'),
  ];
  const protocol = protocolIn(told);
  // Nothing of a failed one was made.
  if (!id || !given || !file || !protocol || textField(told, 'status') === 'failed') return;
  const found = new Map<string, number>();
  let isShared = false;
  let model = '';
  for await (const line of desk.batch.calls.lines(file, 'unknown')) {
    const named = namedInLine(line);
    const job = named && open.get(named.id);
    if (!named || !job) isShared = true;
    else {
      found.set(named.id, named.attempt);
      model = job.request.model;
    }
  }
  if (found.size === 0) return;
  const created = Number(field(told, 'created_at')) * 1000;
  const jobs = [...found.keys()];
  const shared = isShared ? { shared: true as const } : {};
  await written({ id, given, protocol, model, created, jobs, ...shared }, desk);
  for (const [jobId, attempt] of found) {
    const { restored: _, ...job } = open.get(jobId) as Job;
    await desk.batch.waiting.claim({ ...job, batch: id, attempt }, job.attempt);
    open.delete(jobId);
  }
}

/** The row is first: a batch that ends meanwhile stays until the jobs that it names are in it. */
async function written(batch: Batch, desk: BatchDesk): Promise<void> {
  const { rows } = desk.batch;
  if (await rows.add(batch, desk.now())) return;
  const known = await rows.get(batch.id);
  const jobs = [...new Set([...(known?.jobs ?? []), ...batch.jobs])];
  await rows.change({ ...batch, ...known, jobs }, desk.now());
}

function protocolIn(told: ToldBatch): Protocol | null {
  const endpoint = textField(told, 'endpoint');
  if (endpoint === endpoints.chat) return 'chat';
  return endpoint === endpoints.responses ? 'responses' : null;
}
