import type { Job } from '../../../lib/model/background/job.ts';
import type { Batch } from '../../../lib/model/batch/batch.ts';
import type { BatchDesk } from '../../../lib/model/batch/parts.ts';
import { memoryJobs } from '../background/background-desk.ts';

/** The desk over rows in memory, for thousands of them. */
export function inMemory(
  desk: BatchDesk,
): BatchDesk & { readonly jobs: ReturnType<typeof memoryJobs> } {
  const jobs = memoryJobs();
  const rows = new Map<string, Batch>();
  const waits = (id: string) => jobs.rows.has(id) && jobs.rows.get(id)?.batch === undefined;
  const write = (job: Job) => jobs.rows.set(job.id, job) !== undefined;
  return {
    ...desk,
    jobs,
    batch: {
      ...desk.batch,
      waiting: {
        list: async () => [...jobs.rows.keys()].filter(waits).map((id) => ({ id, from: 0 })),
        claim: async (job) => waits(job.id) && write(job),
        release: async ({ batch: _, ...job }, batch) =>
          jobs.rows.get(job.id)?.batch === batch && write(job),
        drop: async (id) => (waits(id) ? jobs.remove(id) : null),
      },
      rows: {
        add: async (batch) => !rows.has(batch.id) && rows.set(batch.id, batch) !== undefined,
        get: async (id) => rows.get(id) ?? null,
        change: async (batch) => rows.has(batch.id) && rows.set(batch.id, batch) !== undefined,
        lookAgain: async () => undefined,
        remove: async (id) => void rows.delete(id),
        due: async () => [...rows.keys()],
        open: async () => [...rows.keys()],
      },
    },
  };
}
