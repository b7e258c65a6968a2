import type { Job } from './job.ts';

/** A webhook usually comes within seconds: a job is looked at when it has not come for so long. */
const first = 120_000;
/** Then it is looked at when it is twice as old, but at least this often. */
const longest = 900_000;

type Times = Pick<Job, 'started' | 'deadline'>;

/** When a new job is looked at, should no webhook come. */
export function firstLook({ started, deadline }: Times): number {
  return Math.min(started + first, deadline);
}

/** When a job is looked at next. Never after its deadline, where it is told that its time is over. */
export function nextLook({ started, deadline }: Times, now: number): number {
  const age = Math.max(first, now - started);
  return Math.min(now + Math.min(age, longest), Math.max(deadline, now));
}
