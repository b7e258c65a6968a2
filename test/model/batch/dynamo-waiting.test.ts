import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { LocalRunTable } from '../../../lib/local/run-table/local-run-table.ts';
import { runTableName } from '../../../lib/local/run-table/name.ts';
import { dynamoJobs } from '../../../lib/model/background/dynamo-jobs.ts';
import { type Job, jobId } from '../../../lib/model/background/job.ts';
import type { Jobs } from '../../../lib/model/background/jobs.ts';
import { dynamoWaiting } from '../../../lib/model/batch/dynamo-waiting.ts';
import type { WaitingJobs } from '../../../lib/model/batch/waiting.ts';
import { request } from '../background/background-desk.ts';

let jobs: Jobs;
let waiting: WaitingJobs;

beforeAll(async () => {
  const table = await LocalRunTable.start();
  jobs = dynamoJobs(runTableName, 'openai', table.environment);
  waiting = dynamoWaiting(runTableName, 'openai', table.environment);
  return () => table.close();
});

async function added(token: string, run = 'run'): Promise<Job> {
  const job: Job = {
    id: jobId(token),
    token,
    lane: 'batch',
    request: request({ turn: { run } }),
    attempt: 1,
    started: 5,
    deadline: 1_000,
  };
  await jobs.add(job, 9_999);
  return job;
}

const isListed = async (id: string) => (await waiting.list()).some((each) => each.id === id);

afterEach(() => void vi.unstubAllGlobals());

/** The table does the next change, and its answer is lost. */
function loseNextAnswer(): void {
  const real = fetch;
  let isLost = false;
  vi.stubGlobal('fetch', async (...args: Parameters<typeof fetch>) => {
    const answer = await real(...args);
    if (isLost) return answer;
    isLost = true;
    throw new TypeError('fetch failed');
  });
}

it('knows a claim for its own whose answer was lost', async () => {
  const job = { ...(await added('unsure')), batch: 'mine' };
  loseNextAnswer();
  expect(await waiting.claim(job)).toBe(true);
  expect(await jobs.get(job.id)).toEqual(job);
  expect(await waiting.claim({ ...job, batch: 'other' })).toBe(false);
});

it('knows a job for added, and a repair for begun, whose answer was lost', async () => {
  const job = await added('first');
  await jobs.remove(job.id);
  loseNextAnswer();
  expect(await jobs.add(job, 0)).toBe(true);
  vi.unstubAllGlobals();
  loseNextAnswer();
  expect(await jobs.again({ ...job, attempt: 2 })).toBe(true);
  expect(await jobs.again({ ...job, attempt: 2 })).toBe(false);
});

it('gives a job to one of those who claim it at once', async () => {
  const job = await added('claimed');
  expect(await waiting.list()).toContainEqual({ id: job.id, from: 5 });
  const claims = ['one', 'two', 'three'].map((batch) => waiting.claim({ ...job, batch }));
  expect((await Promise.all(claims)).filter((won) => won)).toEqual([true]);
  expect(await isListed(job.id)).toBe(false);
  // It is due when its time is over, and not before.
  expect(await jobs.due(999)).not.toContain(job.id);
  expect(await jobs.due(1_000)).toContain(job.id);
});

it('does not claim by what was read before a repair', async () => {
  const job = await added('repaired');
  await waiting.claim({ ...job, batch: 'one' });
  expect(await jobs.again({ ...job, attempt: 2 })).toBe(true);
  expect(await isListed(job.id)).toBe(true);
  expect(await waiting.claim({ ...job, batch: 'two' })).toBe(false);
  expect(await waiting.claim({ ...job, attempt: 2, batch: 'two' })).toBe(true);
});

it('releases a job only out of the batch that it is in', async () => {
  const job = { ...(await added('released')), batch: 'one' };
  await waiting.claim(job);
  expect(await waiting.release(job, 'another', 7)).toBe(false);
  expect(await waiting.release({ ...job, pauses: 1 }, 'one', 7)).toBe(true);
  expect(await waiting.release(job, 'one', 8)).toBe(false);
  expect(await waiting.list()).toContainEqual({ id: job.id, from: 7 });
  const { batch: _, ...waits } = job;
  expect(await jobs.get(job.id)).toEqual({ ...waits, pauses: 1 });
});

it('drops a job that waits, and no other', async () => {
  const job = await added('dropped');
  await waiting.claim({ ...job, batch: 'one' });
  expect(await waiting.drop(job.id)).toBeNull();
  await waiting.release(job, 'one', 0);
  expect(await waiting.drop(job.id)).toEqual(job);
  expect(await waiting.drop(job.id)).toBeNull();
});

it("lists a run's jobs, whether they wait or not", async () => {
  const [a, b] = [await added('a', 'listed'), await added('b', 'listed')];
  await added('c', 'listed-too');
  await waiting.claim({ ...a, batch: 'one' });
  expect((await jobs.ofRun('listed')).toSorted()).toEqual([a.id, b.id].toSorted());
});
