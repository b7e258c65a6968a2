import { expect, it } from 'vitest';
import type { Job } from '../../../lib/model/background/job.ts';
import { collect } from '../../../lib/model/batch/collect.ts';
import type { BatchDesk } from '../../../lib/model/batch/parts.ts';
import { sweepBatches } from '../../../lib/model/batch/sweep.ts';
import { type BatchSetting, setting } from './batch-desk.ts';

/** Writes a job again, as a run's history tells of it: without its batch and its attempts. */
async function restore(at: BatchSetting, id: string, desk: BatchDesk): Promise<void> {
  const { batch: _, ...job } = (await at.desk.jobs.get(id)) as Job;
  const restored: Job = { ...job, attempt: 1, restored: true };
  await desk.jobs.add(restored, restored.deadline);
}

it('finds in the batches of the provider what was given before the table was lost', async () => {
  const at = await setting();
  const [a, b] = [await at.submit('a'), await at.submit('b')];
  await collect(at.desk);
  const waits = await at.submit('waits');
  const desk = await at.elsewhere();
  for (const id of [a, b, waits]) await restore(at, id, desk);
  expect(await sweepBatches('all', desk)).toMatchObject({ given: 1 });
  await expect.poll(() => at.sent.length).toBe(2);
  await sweepBatches('all', desk);
  expect(at.answers.map(({ token }) => token).sort()).toEqual(['a', 'b', 'waits']);
  expect([...at.provider.meter.answered.values()]).toEqual([1, 1, 1]);
  expect(at.provider.meter.files).toBe(0);
});

it('takes the last attempt of a call that was repaired', async () => {
  let asked = 0;
  const at = await setting({ reply: () => (++asked === 1 ? '' : 'good') });
  const job = await at.submit('a');
  await collect(at.desk);
  await expect.poll(() => at.sent.length).toBe(1);
  await sweepBatches('all', at.desk);
  await collect(at.desk);
  const desk = await at.elsewhere();
  await restore(at, job, desk);
  expect(await collect(desk)).toBe(0);
  await expect.poll(() => at.sent.length).toBe(2);
  await sweepBatches('all', desk);
  expect(at.answers).toMatchObject([{ output: { output: 'good', attempts: 2 } }]);
  expect(asked).toBe(2);
});

it("leaves to others the results of a batch that has others' calls too", async () => {
  const at = await setting();
  const [a, b] = [await at.submit('a'), await at.submit('b')];
  await collect(at.desk);
  await expect.poll(() => at.sent.length).toBe(1);
  const [one, two] = [await at.elsewhere(), await at.elsewhere()];
  await restore(at, a, one);
  await restore(at, b, two);
  await sweepBatches('all', one);
  expect(at.answers.map(({ token }) => token)).toEqual(['a']);
  await sweepBatches('all', two);
  expect(at.answers.map(({ token }) => token)).toEqual(['a', 'b']);
  expect([...at.provider.meter.answered.values()]).toEqual([1, 1]);
});

it('gives nothing while the provider cannot say what it has', async () => {
  const at = await setting();
  const a = await at.submit('a');
  await collect(at.desk);
  const desk = await at.elsewhere();
  await restore(at, a, desk);
  at.disturb((method, path) =>
    `${method} ${path}` === 'GET /batches' ? { status: 503 } : undefined,
  );
  expect(await collect(desk)).toBe(0);
  at.disturb(null);
  expect(await collect(desk)).toBe(0);
  await expect.poll(() => at.sent.length).toBe(1);
  await sweepBatches('all', desk);
  expect(at.answers).toHaveLength(1);
  expect(at.provider.meter.created).toBe(1);
});

it('gives again what was in a batch that the provider had refused', async () => {
  const at = await setting({ end: () => ({ status: 'failed', errors: [] }) });
  const a = await at.submit('a');
  await collect(at.desk);
  await expect.poll(() => at.sent.length).toBe(1);
  const desk = await at.elsewhere();
  await restore(at, a, desk);
  expect(await collect(desk)).toBe(1);
});

it('reads the list of batches page by page', async () => {
  const at = await setting({ latency: () => 60_000 });
  const a = await at.submit('a');
  await collect(at.desk);
  const models = Array.from({ length: 130 }, (_, index) => `model-${index}`);
  for (const model of models) await at.submit(model, { model });
  await collect(at.desk);
  const desk = await at.elsewhere();
  await restore(at, a, desk);
  expect(await collect(desk)).toBe(0);
  expect(at.asked.filter((each) => each === 'GET /batches')).toHaveLength(2);
});
