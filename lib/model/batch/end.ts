import { fail } from '../background/finish.ts';
import { textField } from '../field.ts';
import { oneByOne, sideBySide } from '../side-by-side.ts';
import type { Batch } from './batch.ts';
import type { ToldBatch } from './calls.ts';
import { cancelled, expired, missing } from './faults.ts';
import { failUnpaid } from './leave.ts';
import { answerLine } from './line.ts';
import type { BatchDesk } from './parts.ts';
import type { BatchLook } from './row-look.ts';
import { refuseBatch } from './validation.ts';

/** So many jobs are answered side by side. */
const atOnce = 20;

/**
 * Brings the end of a batch to its jobs: each line of its files is one job's answer or failure, and then
 * come those without a line. Each is answered first and then removed, so that whoever is stopped is
 * followed by another one; when all are done, the provider's files go, and then the row.
 * @param told null: the provider does not know it any more
 * @param over no line is begun after it
 */
export async function end(
  batch: Batch,
  told: ToldBatch | null,
  desk: BatchDesk,
  over: number,
): Promise<BatchLook> {
  const isRefused = textField(told, 'status') === 'failed';
  const left = isRefused
    ? await refuseBatch(batch, told, desk)
    : (await answerAll(batch, told, desk, over)) || (await failOthers(batch, told, desk));
  if (left > 0 || batch.strays) {
    await desk.batch.rows.lookAgain(batch.id, desk.now());
    return 'partly';
  }
  if (!batch.shared) {
    const named = ['output_file_id', 'error_file_id', 'input_file_id'] as const;
    const files = new Set([batch.file, ...named.map((name) => textField(told, name))]);
    await sideBySide(files, files.size, async (file) => {
      if (file !== undefined) await desk.batch.calls.forget(file, batch.model);
    });
  }
  await desk.batch.rows.remove(batch.id);
  return 'ended';
}

/** Of each line what becomes of its job. @returns how many could not be dealt with */
async function answerAll(
  batch: Batch,
  told: ToldBatch | null,
  desk: BatchDesk,
  over: number,
): Promise<number> {
  let left = 0;
  for (const name of ['output_file_id', 'error_file_id']) {
    const file = textField(told, name);
    if (file === undefined) continue;
    await sideBySide(desk.batch.calls.lines(file, batch.model), atOnce, async (line) => {
      if (left > 0 && desk.now() > over) return;
      if (desk.now() > over) left += 1;
      else if (!(await answerLine(line, batch, desk))) left += 1;
    });
  }
  return left;
}

/**
 * The jobs without a line. Of an expired or a cancelled batch they were not made, and not paid for. Of a
 * completed one, or one that the provider has lost, nobody knows: the state's own Retry asks again, which
 * ends, as giving it back to the next batch might not.
 * @returns how many could not be dealt with, or were found in this batch after their table was lost, and
 *   are not in it yet
 */
async function failOthers(batch: Batch, told: ToldBatch | null, desk: BatchDesk): Promise<number> {
  const status = textField(told, 'status');
  const { name } = desk.provider;
  let coming = 0;
  const failed = await oneByOne(batch.jobs, atOnce, async (id) => {
    const job = await desk.jobs.get(id);
    if (job?.restored && job.batch === undefined) coming += 1;
    if (job?.batch !== batch.id) return;
    if (status === 'expired') await failUnpaid(job, expired(job, name), desk);
    else if (status === 'cancelled') await failUnpaid(job, cancelled(job, name), desk);
    else await fail(job, missing(job, name), desk);
  });
  return failed + coming;
}
