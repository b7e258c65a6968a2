import { expect, it } from 'vitest';
import type { Responses } from '../../../lib/model/background/responses.ts';
import { submitJob } from '../../../lib/model/background/submit.ts';
import { sweepJobs } from '../../../lib/model/background/sweep.ts';
import { takeWebhook } from '../../../lib/model/background/webhook.ts';
import { ModelError } from '../../../lib/model/errors.ts';
import { request, secret, setting } from './background-desk.ts';

const event = (more = {}) => ({ taskToken: 'canary-token', request: request(more) });
const budget = { run: 'w/r', tokens: 100_000 };

function silent(): Promise<never> {
  const at = { provider: 'openai', model: 'gpt-5-mini' };
  return Promise.reject(new ModelError('Model.Timeout', 'It did not answer.', at));
}

/** The same desk, whose provider answers these questions otherwise. */
function asking(at: Awaited<ReturnType<typeof setting>>, other: Partial<Responses>) {
  return { ...at.desk, responses: { ...at.desk.responses, ...other } };
}

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

it('fails a call whose time is over by its name, though the provider cannot be told to stop, and stops it later', async () => {
  const at = await setting({ latency: () => 60_000 });
  const { job } = await submitJob(event({ timeoutSeconds: 30, budget }), at.desk);
  at.pass(30_000);
  const desk = asking(at, { cancel: silent, retrieve: silent });
  expect(await sweepJobs([job], desk)).toEqual({ looked: 1, cancelled: 0 });
  // Its own state would end it as States.Timeout 150 seconds later.
  expect(at.answers).toMatchObject([
    {
      error: 'Model.Timeout',
      cause: expect.stringMatching(/is not known: \d+ tokens counts as spent/),
    },
  ]);
  const purse = async () => (await at.desk.budgetTable!.change('budget:run:w/r', {})).row;
  const settled = await purse();
  expect(settled.tokens_held).toBe(0);
  await sweepJobs([job], at.desk);
  expect(at.provider.meter.cancelled).toBe(1);
  expect(at.jobs.rows.size).toBe(0);
  expect(at.answers).toHaveLength(1);
  expect(await purse()).toEqual(settled);
});

it.each([
  ['says that it is done', {}],
  ['refuses to stop what is done', { cancel: async () => null }],
])(
  'takes an answer whose webhook was lost when its time is over, where the provider %s',
  async (_, other) => {
    const at = await setting();
    const { job } = await submitJob(event({ timeoutSeconds: 30 }), at.desk);
    await expect.poll(() => at.sent.length).toBe(1);
    at.pass(30_000);
    await sweepJobs([job], asking(at, other));
    expect(at.answers).toMatchObject([{ output: { object: 'model.result' } }]);
    expect(at.jobs.rows.size).toBe(0);
  },
);

it('calls a call late whose cancelling is told by a webhook before the provider answers', async () => {
  const at = await setting({ latency: () => 60_000 });
  const { job } = await submitJob(event({ timeoutSeconds: 30 }), at.desk);
  at.pass(30_000);
  const { cancel } = at.desk.responses;
  const early = asking(at, {
    async cancel(id, model) {
      const told = await cancel(id, model);
      await expect.poll(() => at.sent.length).toBe(1);
      await takeWebhook(at.sent[0]!, secret, at.desk);
      return told;
    },
  });
  await sweepJobs([job], early);
  expect(at.answers).toMatchObject([{ error: 'Model.Timeout' }]);
});

it('does not give up a repair that is just being submitted, however old its call is', async () => {
  const schema = {
    type: 'object',
    properties: { n: { type: 'number' } },
    required: ['n'],
  } as const;
  let asked = 0;
  const at = await setting({ reply: () => (++asked === 1 ? '{"wrong":1}' : '{"n":1}') });
  const output = { name: 'number', schema };
  const { job } = await submitJob(event({ output }), at.desk);
  await expect.poll(() => at.sent.length).toBe(1);
  at.pass(600_000);
  const { create } = at.desk.responses;
  const slow = asking(at, {
    async create(next) {
      await sweepJobs([job], at.desk);
      return create(next);
    },
  });
  expect((await takeWebhook(at.sent[0]!, secret, slow)).outcome).toBe('repaired');
  expect(at.answers).toEqual([]);
  await expect.poll(() => at.sent.length).toBe(2);
  await takeWebhook(at.sent[1]!, secret, at.desk);
  expect(at.answers).toMatchObject([{ output: { output: { n: 1 }, attempts: 2 } }]);
});

it('asks a provider that hangs up on a whole round no more, and ends what is late all the same', async () => {
  const at = await setting({ latency: () => 60_000 });
  const tokens = Array.from({ length: 60 }, (_, index) => `token-${index}`);
  const limits = { requestsPerMinute: 60_000, tokensPerMinute: 60_000_000 };
  const jobs: string[] = [];
  for (const taskToken of tokens) {
    const asked = { taskToken, request: request({ timeoutSeconds: 30, limits }) };
    jobs.push((await submitJob(asked, at.desk)).job);
  }
  at.pass(30_000);
  let asked = 0;
  const hangs = () => {
    asked += 1;
    return silent();
  };
  await sweepJobs(jobs, asking(at, { cancel: hangs, retrieve: hangs }));
  expect(asked).toBe(20);
  expect(at.answers.map(({ error }) => error)).toEqual(tokens.map(() => 'Model.Timeout'));
});

it('ends what is late, though the table cannot note the next look', async () => {
  const at = await setting({ latency: () => 60_000 });
  const { job } = await submitJob(event({ timeoutSeconds: 30 }), at.desk);
  at.pass(30_000);
  await sweepJobs([job], { ...at.desk, jobs: { ...at.jobs, lookAgain: silent } });
  expect(at.answers).toMatchObject([{ error: 'Model.Timeout' }]);
});
