import { sideBySide } from '../side-by-side.ts';
import { collect } from './collect.ts';
import type { BatchDesk } from './parts.ts';
import { lookAtBatch } from './row-look.ts';

/** So many batches are looked at side by side. */
const atOnce = 4;

/** What was found and done. */
export interface BatchesSwept {
  /** Jobs that were given to the provider. */
  readonly given: number;
  /** Batches whose jobs are all answered, or wait again. */
  readonly ended: number;
  /** Batches that were looked at and are still open. */
  readonly open: number;
}

/**
 * Gives what waits to the provider, and looks at open batches: those whose time has come, or all.
 * @param over no work is begun after it, in milliseconds since the epoch
 */
export async function sweepBatches(
  which: 'due' | 'all',
  desk: BatchDesk,
  over = Number.POSITIVE_INFINITY,
): Promise<BatchesSwept> {
  const { rows } = desk.batch;
  const given = await tried(() => collect(desk, over), 0);
  const ids = which === 'all' ? await rows.open() : await rows.due(desk.now());
  const counts = { given, ended: 0, open: 0 };
  await sideBySide(ids, atOnce, async (id) => {
    const look =
      desk.now() > over ? 'open' : await tried(() => lookAtBatch(id, desk, over), 'open' as const);
    if (look === 'ended') counts.ended += 1;
    else if (look !== 'unknown') counts.open += 1;
  });
  return counts;
}

/** What cannot be done now, because the provider or the table cannot be reached, is done another time. */
async function tried<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const why = error instanceof Error ? error.name : 'unknown';
    console.warn(`A batch could not be looked after (${why}); it is tried again.`);
    return otherwise;
  }
}
