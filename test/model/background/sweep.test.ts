import { expect, it } from 'vitest';
import { submitJob } from '../../../lib/model/background/submit.ts';
import { sweepJobs } from '../../../lib/model/background/sweep.ts';
import { takeWebhook } from '../../../lib/model/background/webhook.ts';
import { request, secret, setting } from './background-desk.ts';

const event = (more = {}) => ({ taskToken: 'canary-token', request: request(more) });

it('cancels at the provider what nobody waits for', async () => {
  const at = await setting({ latency: () => 60_000 });
  const { job } = await submitJob(event(), at.desk);
  at.dead.add('canary-token');
  expect(await sweepJobs([job], at.desk)).toEqual({ looked: 1, cancelled: 1 });
  expect(at.provider.meter.cancelled).toBe(1);
  expect(at.jobs.rows.size).toBe(0);
  expect(at.answers).toEqual([]);
  // Its own webhook, that it was cancelled, finds nothing.
  await expect.poll(() => at.sent.length).toBe(1);
  expect((await takeWebhook(at.sent[0]!, secret, at.desk)).outcome).toBe('unknown');
});

it('answers what is done and whose webhook was lost', async () => {
  const at = await setting();
  const { job } = await submitJob(event(), at.desk);
  await expect.poll(() => at.sent.length).toBe(1);
  await sweepJobs([job], at.desk);
  expect(at.answers).toMatchObject([{ output: { object: 'model.result', attempts: 1 } }]);
  expect((await takeWebhook(at.sent[0]!, secret, at.desk)).outcome).toBe('unknown');
  expect(at.answers).toHaveLength(1);
});

it('leaves what the provider still works on', async () => {
  const at = await setting({ latency: () => 60_000 });
  const { job } = await submitJob(event(), at.desk);
  expect(await sweepJobs([job], at.desk)).toEqual({ looked: 1, cancelled: 0 });
  expect(at.jobs.rows.size).toBe(1);
});

it('cancels and fails a call whose time is over, by the name of the sync lane', async () => {
  const at = await setting({ latency: () => 60_000 });
  const { job } = await submitJob(event({ timeoutSeconds: 30 }), at.desk);
  at.pass(30_000);
  await sweepJobs([job], at.desk);
  expect(at.provider.meter.cancelled).toBe(1);
  expect(at.answers).toMatchObject([
    { error: 'Model.Timeout', cause: expect.stringContaining('within 30 seconds') },
  ]);
});

it('fails a call whose submit was lost, and not before it could have ended', async () => {
  const at = await setting();
  const { job } = await submitJob(event(), at.desk);
  const { response: _, ...lost } = at.jobs.rows.get(job)!;
  at.jobs.rows.set(job, lost);
  await sweepJobs([job], at.desk);
  expect(at.answers).toEqual([]);
  at.pass(91_000);
  await sweepJobs([job], at.desk);
  expect(at.answers).toMatchObject([{ error: 'Model.Unavailable' }]);
});

it('does not cancel a call that is just being submitted, but later', async () => {
  const at = await setting({ latency: () => 60_000 });
  const { job } = await submitJob(event(), at.desk);
  const { response, ...early } = at.jobs.rows.get(job)!;
  at.jobs.rows.set(job, early);
  at.dead.add('canary-token');
  await sweepJobs([job], at.desk);
  expect(at.jobs.rows.size).toBe(1);
  at.jobs.rows.set(job, { ...early, response: String(response) });
  await sweepJobs([job], at.desk);
  expect(at.provider.meter.cancelled).toBe(1);
});

it('looks at all the others when one cannot be helped', async () => {
  const at = await setting();
  const ids = await Promise.all(
    ['a', 'b', 'c'].map(async (taskToken) => {
      return (await submitJob({ taskToken, request: request() }, at.desk)).job;
    }),
  );
  await expect.poll(() => at.sent.length).toBe(3);
  const succeed = (token: string, output: never) =>
    token === 'b' ? Promise.reject(new Error(token)) : at.desk.tokens.succeed(token, output);
  const desk = { ...at.desk, tokens: { ...at.desk.tokens, succeed } };
  await sweepJobs(ids, desk);
  expect(at.answers.map(({ token }) => token).sort()).toEqual(['a', 'c']);
  await sweepJobs(ids, at.desk);
  expect(at.answers).toHaveLength(3);
});

it('stops in time, and leaves the rest to the next minute', async () => {
  const at = await setting({ latency: () => 60_000 });
  const { job } = await submitJob(event(), at.desk);
  expect(await sweepJobs([job], at.desk, Date.now() - 1)).toEqual({ looked: 0, cancelled: 0 });
});
