import { type Job, runOf } from '../../lib/model/background/job.ts';
import type { Jobs } from '../../lib/model/background/jobs.ts';

/** Open jobs in this process, kept as the table keeps them: as text. */
export function memoryJobs(): Jobs & { readonly open: number } {
  const rows = new Map<string, { job: string; due: number }>();
  const read = (id: string): Job | null => {
    const row = rows.get(id);
    return row ? (JSON.parse(row.job) as Job) : null;
  };
  const change = (job: Job, expected: number): boolean => {
    const row = rows.get(job.id);
    if (!row || read(job.id)?.attempt !== expected) return false;
    row.job = JSON.stringify(job);
    return true;
  };
  return {
    get open() {
      return rows.size;
    },
    async add(job, due) {
      if (rows.has(job.id)) return false;
      rows.set(job.id, { job: JSON.stringify(job), due });
      return true;
    },
    get: async (id) => read(id),
    taken: async (job) => change(job, job.attempt),
    again: async (job) => change(job, job.attempt - 1),
    async remove(id) {
      const job = read(id);
      rows.delete(id);
      return job;
    },
    ofRun: async (run) => [...rows.keys()].filter((id) => runOf(read(id) as Job) === run),
    due: async (now) => [...rows].filter(([, row]) => row.due <= now).map(([id]) => id),
    async lookAgain(id, due) {
      const row = rows.get(id);
      if (row) row.due = due;
    },
  };
}
