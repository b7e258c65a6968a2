import { expect, it } from 'vitest';
import { sweepJobs } from '../../../lib/model/background/sweep.ts';
import { collect } from '../../../lib/model/batch/collect.ts';
import { sweepBatches } from '../../../lib/model/batch/sweep.ts';
import { onlyBatch, setting } from './batch-desk.ts';

const forever = { latency: () => 60_000 };
const budget = { run: 'w/r', tokens: 100_000 };

it('stops a batch of which nobody waits for a single call, and pays for what was done', async () => {
  const at = await setting({ ...forever, done: 1 });
  const jobs = [await at.submit('a', { budget }), await at.submit('b', { budget })];
  await collect(at.desk);
  at.dead.add('a').add('b');
  // A run was stopped, or ended otherwise.
  await sweepJobs(await at.desk.jobs.ofRun('none'), at.desk);
  expect(at.provider.meter.cancelled).toBe(1);
  await expect.poll(() => at.sent.length).toBe(1);
  await sweepBatches('all', at.desk);
  for (const job of jobs) expect(await at.desk.jobs.get(job)).toBeNull();
  expect(at.answers).toEqual([]);
  const row = await at.budget('budget:run:w/r');
  expect(row).toMatchObject({ tokens: at.provider.meter.tokens, tokens_held: 0 });
  expect(at.provider.meter.answered.size).toBe(1);
});

it('stops it once, whoever looks', async () => {
  const at = await setting(forever);
  await at.submit('a');
  await collect(at.desk);
  at.dead.add('a');
  const { cancel } = at.desk.batch.calls;
  let times = 0;
  at.desk.batch.calls.cancel = async (...args) => {
    times += 1;
    return cancel(...args);
  };
  await sweepBatches('all', at.desk);
  await sweepBatches('all', at.desk);
  expect(times).toBe(1);
});

it('goes on with a batch of which one call is wanted', async () => {
  const at = await setting(forever);
  const gone = await at.submit('gone');
  await at.submit('here');
  await collect(at.desk);
  at.dead.add('gone');
  await sweepJobs([gone], at.desk);
  expect(at.provider.meter.cancelled).toBe(0);
  // What it will have cost is settled when the batch ends.
  expect(await at.desk.jobs.get(gone)).not.toBeNull();
});

it('drops at once, unpaid, what is stopped while it waits', async () => {
  const at = await setting();
  const job = await at.submit('a', { budget });
  at.dead.add('a');
  await sweepJobs([job], at.desk);
  expect(await at.desk.jobs.get(job)).toBeNull();
  expect(await at.budget('budget:run:w/r')).toMatchObject({ tokens: 0, tokens_held: 0 });
  expect(at.asked).toEqual([]);
});

it('leaves to its batch, or to its wait, what is wanted', async () => {
  const at = await setting(forever);
  const job = await at.submit('a');
  await sweepJobs([job], at.desk);
  await collect(at.desk);
  await sweepJobs([job], at.desk);
  expect(at.answers).toEqual([]);
  expect(await onlyBatch(at)).toMatchObject({ jobs: [job] });
});

it('sends a call to the lane sync at its deadline, and settles what its batch still does', async () => {
  const at = await setting({ latency: () => 300 });
  await at.submit('other', { timeoutSeconds: 3_600 });
  const job = await at.submit('late', { timeoutSeconds: 60, budget });
  await collect(at.desk);
  at.pass(60_000);
  expect(await at.desk.jobs.due(at.desk.now())).toEqual([job]);
  await sweepJobs([job], at.desk);
  expect(at.answers).toMatchObject([{ token: 'late', error: 'Model.BatchExpired' }]);
  // It is not told twice, and not looked at each minute.
  expect(await at.desk.jobs.due(at.desk.now())).toEqual([]);
  expect((await at.budget('budget:run:w/r')).tokens_held).toBeGreaterThan(0);
  await expect.poll(() => at.sent.length).toBe(1);
  await sweepBatches('all', at.desk);
  expect(at.answers).toMatchObject([{ token: 'late' }, { token: 'other' }]);
  expect(await at.budget('budget:run:w/r')).toMatchObject({ tokens: 48, tokens_held: 0 });
});

it('stops a batch whose calls have all been sent to the lane sync', async () => {
  const at = await setting(forever);
  const job = await at.submit('late', { timeoutSeconds: 60, budget });
  await collect(at.desk);
  at.pass(60_000);
  await sweepJobs([job], at.desk);
  expect(at.provider.meter.cancelled).toBe(1);
  await expect.poll(() => at.sent.length).toBe(1);
  await sweepBatches('all', at.desk);
  expect(await at.budget('budget:run:w/r')).toMatchObject({ tokens: 0, tokens_held: 0 });
});

it('fails by its name what somebody has stopped at the provider', async () => {
  const at = await setting({ ...forever, done: 1 });
  for (const token of ['a', 'b']) await at.submit(token);
  await collect(at.desk);
  const { given = '' } = (await onlyBatch(at)) ?? {};
  await at.desk.batch.calls.cancel(given, 'gpt-5-mini');
  await expect.poll(() => at.sent.length).toBe(1);
  await sweepBatches('all', at.desk);
  expect(at.answers).toMatchObject([{ output: {} }, { error: 'Model.Aborted' }]);
});
