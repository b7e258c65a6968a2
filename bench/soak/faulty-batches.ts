import { ModelError } from '../../lib/model/errors.ts';
import { seededRandom } from '../../lib/testing/seeded-random.ts';
import type { BatchFault, Hits } from './faults.ts';
import { memoryBatches } from './memory-batches.ts';

export interface FaultyBatchesOptions {
  readonly seed: number;
  readonly faults: readonly BatchFault[];
  readonly share: number;
  readonly hits: Hits;
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** The table of jobs and batches, each of whose operations takes its time; some fail, of these half after they were done. */
export function faultyBatches({ seed, faults, share, hits, pause }: FaultyBatchesOptions) {
  const { jobs, waiting, rows, open } = memoryBatches();
  const random = seededRandom(seed);
  const chance = faults.includes('table: unreachable') ? share / 10 : 0;

  function port<T extends object>(methods: T): T {
    const faulty = Object.entries(methods).map(([name, method]) => [
      name,
      async (...args: readonly unknown[]) => {
        const fails = random() < chance;
        await pause(1 + Math.floor(random() * 20));
        const isDone = !fails || random() < 0.5;
        const result = isDone ? await method(...args) : undefined;
        await pause(1 + Math.floor(random() * 20));
        if (!fails) return result;
        hits.add('table: unreachable');
        const where = { provider: 'openai', model: 'unknown' };
        throw new ModelError('Model.Unavailable', 'The table of background calls failed.', where);
      },
    ]);
    return Object.fromEntries(faulty) as T;
  }

  return { jobs: port(jobs), waiting: port(waiting), rows: port(rows), open };
}
