import { type Job, runOf } from '../../lib/model/background/job.ts';
import type { Jobs } from '../../lib/model/background/jobs.ts';
import type { Batch } from '../../lib/model/batch/batch.ts';
import type { Batches } from '../../lib/model/batch/batches.ts';
import type { WaitingJobs } from '../../lib/model/batch/waiting.ts';

interface Row {
  text: string;
  due: number;
}

/** Open jobs of the lane 'batch' and their batches, kept as the table keeps them: as text, with their due times. */
export function memoryBatches() {
  const jobRows = new Map<string, Row>();
  const batchRows = new Map<string, Row>();
  const read = (id: string) => parsed<Job>(jobRows.get(id));
  const waits = (id: string) => read(id)?.batch === undefined;
  const write = (job: Job, isAllowed: boolean, due?: number): boolean => {
    const row = jobRows.get(job.id);
    if (!row || !isAllowed) return false;
    Object.assign(row, { text: JSON.stringify(job), ...(due === undefined ? {} : { due }) });
    return true;
  };
  const attemptOf = (id: string) => read(id)?.attempt;

  const jobs: Jobs = {
    add: async (job) => added(jobRows, job, job.started),
    get: async (id) => read(id),
    taken: async (job) => write(job, attemptOf(job.id) === job.attempt),
    again: async (job) => write(job, attemptOf(job.id) === job.attempt - 1, 0),
    async remove(id) {
      const job = read(id);
      jobRows.delete(id);
      return job;
    },
    ofRun: async (run) => [...jobRows.keys()].filter((id) => runOf(read(id) as Job) === run),
    due: async (now) => dueIn(jobRows, now).filter((id) => !waits(id)),
    lookAgain: async (id, due) => lookedAgain(jobRows, id, due),
  };
  const waiting: WaitingJobs = {
    async list() {
      const ids = [...jobRows.keys()].filter(waits);
      return ids.map((id) => ({ id, from: jobRows.get(id)?.due ?? 0 }));
    },
    claim: async (job, attempt = job.attempt) =>
      write(job, waits(job.id) && attemptOf(job.id) === attempt, job.deadline),
    async release({ batch: _, ...job }, batch, from) {
      const row = read(job.id);
      return write(job, row?.batch === batch && row.attempt === job.attempt, from);
    },
    drop: async (id) => (jobRows.has(id) && waits(id) ? jobs.remove(id) : null),
  };
  const rows: Batches = {
    add: async (batch, due) => added(batchRows, batch, due),
    get: async (id) => parsed<Batch>(batchRows.get(id)),
    async change(batch, due) {
      if (!batchRows.has(batch.id)) return false;
      batchRows.set(batch.id, { text: JSON.stringify(batch), due });
      return true;
    },
    lookAgain: async (id, due) => lookedAgain(batchRows, id, due),
    remove: async (id) => void batchRows.delete(id),
    due: async (now) => dueIn(batchRows, now),
    open: async () => [...batchRows.keys()],
  };
  return { jobs, waiting, rows, open: () => jobRows.size + batchRows.size };
}

function added(rows: Map<string, Row>, written: Job | Batch, due: number): boolean {
  if (rows.has(written.id)) return false;
  rows.set(written.id, { text: JSON.stringify(written), due });
  return true;
}

function parsed<T>(row: Row | undefined): T | null {
  return row === undefined ? null : (JSON.parse(row.text) as T);
}

function dueIn(rows: ReadonlyMap<string, Row>, now: number): readonly string[] {
  return [...rows].filter(([, { due }]) => due <= now).map(([id]) => id);
}

function lookedAgain(rows: ReadonlyMap<string, Row>, id: string, due: number): void {
  const row = rows.get(id);
  if (row) row.due = due;
}
