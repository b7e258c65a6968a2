import type { Job } from '../background/job.ts';
import { oneByOne } from '../side-by-side.ts';
import { type Batch, type Crowd, crowdOf, lostAfter } from './batch.ts';
import { fill, mostRows } from './fill.ts';
import { give } from './give.ts';
import { leave } from './leave.ts';
import type { BatchDesk } from './parts.ts';
import { unmatched } from './restored.ts';

/** So many rows are read side by side. */
const atOnce = 20;

/** What of a waiting job says where it can go: the job itself may be large, and is read again. */
interface Candidate extends Crowd {
  readonly id: string;
  readonly from: number;
  readonly pauses: number;
  readonly most: number;
}

/**
 * Gives the jobs that wait to the provider, in batches: one model and one endpoint each. Those that the
 * provider was too full for wait until its time, and with them all of their kind. Several may collect at
 * once: a job goes into one batch.
 * @param over no batch is begun after it, in milliseconds since the epoch
 * @returns how many jobs were given
 */
export async function collect(desk: BatchDesk, over = Number.POSITIVE_INFINITY): Promise<number> {
  let given = 0;
  for (const crowd of await crowds(desk)) {
    const queue = [...crowd];
    while (queue.length > 0 && desk.now() <= over) {
      const most = Math.min(mostRows, ...queue.map((each) => each.most));
      const some = queue.splice(0, most);
      const { jobs, rest } = await one(some, desk, over);
      queue.unshift(...some.filter(({ id }) => rest.has(id)));
      given += jobs;
      // A crowd of which nothing could be given waits for the next time.
      if (rest.size === some.length) break;
    }
  }
  return given;
}

/** One batch, of these. The row comes first: should this be stopped, the jobs are found by it. */
async function one(some: readonly Candidate[], desk: BatchDesk, over: number) {
  const [{ protocol, model }] = some as readonly [Candidate];
  const now = desk.now();
  const batch: Batch = {
    id: crypto.randomUUID(),
    protocol,
    model,
    created: now,
    jobs: some.map(({ id }) => id),
  };
  const { rows } = desk.batch;
  await rows.add(batch, now + lostAfter);
  const { calls, rest, strays } = await fill(batch, desk, over);
  const filled = strays.length === 0 ? batch : { ...batch, strays };
  // Before the batch is made, so that nobody takes them for calls that the provider has forgotten.
  if (strays.length > 0) await rows.change(filled, now + lostAfter);
  else if (calls.length === 0) await rows.remove(batch.id);
  return { jobs: calls.length === 0 ? 0 : await give(filled, calls, desk), rest };
}

/** The jobs that can be given now, by what they have in common. */
async function crowds(desk: BatchDesk): Promise<readonly (readonly Candidate[])[]> {
  const found = new Map<string, Candidate[]>();
  const restored: Job[] = [];
  const add = (job: Job, from: number): void => {
    const crowd = crowdOf(job.request, desk.provider);
    const { id, pauses = 0, most = mostRows } = job;
    const key = `${crowd.protocol} ${crowd.model}`;
    found.set(key, [...(found.get(key) ?? []), { id, from, pauses, most, ...crowd }]);
  };
  await oneByOne(await desk.batch.waiting.list(), atOnce, async ({ id, from }) => {
    const job = await desk.jobs.get(id);
    if (job === null || job.batch !== undefined) return;
    // One that the provider may have is looked for, also when it is late: its batch has to be cancelled.
    if (job.restored) restored.push(job);
    else if (desk.now() >= job.deadline) await leave(job, desk);
    else add(job, from);
  });
  await oneByOne(await unmatched(restored, desk), atOnce, async (job) => {
    if (desk.now() >= job.deadline) await leave(job, desk);
    else add(job, 0);
  });
  const now = desk.now();
  const isHeld = ({ pauses, from }: Candidate) => pauses > 0 && from > now;
  return [...found.values()]
    .filter((crowd) => !crowd.some(isHeld))
    .map((crowd) => crowd.filter(({ from }) => from <= now))
    .filter((crowd) => crowd.length > 0);
}
