import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { responsesOf } from '../../../lib/model/background/responses.ts';
import { submitJob } from '../../../lib/model/background/submit.ts';
import { takeWebhook } from '../../../lib/model/background/webhook.ts';
import { ModelError } from '../../../lib/model/errors.ts';
import { request, secret, setting } from './background-desk.ts';

const event = (more = {}) => ({ taskToken: 'canary-token', request: request(more) });

/** A provider that refuses every submit so. */
async function refusing(status: number, headers: Record<string, string> = {}) {
  const at = await setting();
  const server = createServer((asked, answer) => {
    asked.resume();
    answer.writeHead(status, { 'content-type': 'application/json', ...headers });
    answer.end('{"error":{"message":"canary-prompt"}}');
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const baseURL = `http://127.0.0.1:${port}/v1`;
  const desk = { ...at.desk, baseURL, responses: responsesOf({ ...at.desk, baseURL }) };
  return { at, desk };
}

async function failure(work: Promise<unknown>): Promise<ModelError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ModelError);
  return error as ModelError;
}

it('gives a call to the provider with its job, and keeps the job until it is answered', async () => {
  const at = await setting({ latency: () => 60_000 });
  const { job, response } = await submitJob(event(), at.desk);
  expect(at.jobs.rows.get(job)).toMatchObject({ token: 'canary-token', attempt: 1, response });
  const told = await at.desk.responses.retrieve(String(response), 'gpt-5-mini');
  expect(told?.data).toMatchObject({
    status: 'queued',
    background: true,
    metadata: { cloudgather_job: job, cloudgather_attempt: '1' },
  });
  expect(JSON.stringify(told?.data)).not.toContain('canary-token');
});

it('gives it once, however often the same token comes', async () => {
  const at = await setting({ latency: () => 60_000 });
  const first = await submitJob(event(), at.desk);
  expect(await submitJob(event(), at.desk)).toEqual(first);
  expect(at.provider.meter.submitted).toBe(1);
});

it('waits for its turn where the limit is used up, with nothing given', async () => {
  const at = await setting();
  const turn = { run: 'run' };
  const limits = { requestsPerMinute: 1 };
  await submitJob({ taskToken: 'a', request: request({ turn, limits }) }, at.desk);
  const error = await failure(
    submitJob({ taskToken: 'b', request: request({ turn, limits }) }, at.desk),
  );
  expect(error.name).toBe('Model.Deferred');
  expect(at.provider.meter.submitted).toBe(1);
});

it('waits as long as a provider says that is full, and closes the door for all', async () => {
  const { at, desk } = await refusing(429, { 'retry-after': '77' });
  const error = await failure(submitJob(event({ turn: { run: 'run' } }), desk));
  expect(error.name).toBe('Model.Deferred');
  expect(error.retryAfter).toBe(77);
  expect((await at.limiterRow()).cl).toBeGreaterThan(Date.now() + 70_000);
  expect(at.jobs.rows.size).toBe(0);
});

it('fails with the names of the sync lane, and says nothing of prompt, key or token', async () => {
  const names = { 400: 'Rejected', 401: 'Unauthorized', 500: 'Unavailable', 503: 'Overloaded' };
  for (const [status, name] of Object.entries(names)) {
    const { at, desk } = await refusing(Number(status));
    const error = await failure(submitJob(event(), desk));
    expect(error.name).toBe(`Model.${name}`);
    expect(error.message).not.toContain('canary');
    expect(at.jobs.rows.size).toBe(0);
  }
});

it('fails where nobody answers, and the job is gone', async () => {
  const at = await setting();
  const baseURL = 'http://127.0.0.1:1/v1';
  const desk = { ...at.desk, baseURL, responses: responsesOf({ ...at.desk, baseURL }) };
  expect((await failure(submitJob(event(), desk))).name).toBe('Model.Unavailable');
  expect(at.jobs.rows.size).toBe(0);
});

it('rejects a request without a token, and one that is not valid', async () => {
  const at = await setting();
  const without = await failure(submitJob({ request: request() }, at.desk));
  expect(without.message).toContain('waitForTaskToken');
  const wrong = await failure(submitJob({ taskToken: 't', request: { prompt: 1 } }, at.desk));
  expect(wrong.name).toBe('Model.Rejected');
});

const budget = { run: 'w/r', tokens: 100_000 };

function unreachable(): Promise<never> {
  const at = { provider: 'openai', model: 'unknown' };
  return Promise.reject(new ModelError('Model.Unavailable', 'The table failed. Retry.', at));
}

it('holds nothing of the budget where the table does not take its job, or does and cannot say so', async () => {
  for (const isDone of [false, true]) {
    const at = await setting();
    const jobs: typeof at.jobs = {
      ...at.jobs,
      async add(job, due) {
        if (isDone) await at.jobs.add(job, due);
        return unreachable();
      },
    };
    const error = await failure(submitJob(event({ budget }), { ...at.desk, jobs }));
    expect(error.name).toBe('Model.Unavailable');
    expect(at.jobs.rows.size).toBe(0);
    const { row } = await at.desk.budgetTable!.change('budget:run:w/r', {});
    expect(row).toMatchObject({ tokens: 0, tokens_held: 0 });
    expect(at.provider.meter.submitted).toBe(0);
  }
});

it('is stopped at the provider where the table cannot note what that calls it: it would be paid for twice', async () => {
  const at = await setting({ latency: () => 60_000 });
  const desk = { ...at.desk, jobs: { ...at.jobs, taken: unreachable } };
  const error = await failure(submitJob(event({ budget }), desk));
  expect(error.name).toBe('Model.Unavailable');
  expect(error.message).toMatch(/is not known: \d+ tokens counts as spent/);
  expect(at.provider.meter).toMatchObject({ submitted: 1, cancelled: 1 });
  expect(at.jobs.rows.size).toBe(0);
});

it('is stopped at the provider where it was given up while it was submitted', async () => {
  const at = await setting({ latency: () => 60_000 });
  const { create } = at.desk.responses;
  const responses = {
    ...at.desk.responses,
    async create(job: Parameters<typeof create>[0]) {
      const sent = await create(job);
      at.jobs.rows.delete(job.id);
      return sent;
    },
  };
  await submitJob(event(), { ...at.desk, responses });
  expect(at.provider.meter).toMatchObject({ submitted: 1, cancelled: 1 });
});

it('that an early webhook has answered is settled once, though its own answer broke', async () => {
  const at = await setting();
  const { create } = at.desk.responses;
  const responses = {
    ...at.desk.responses,
    async create(job: Parameters<typeof create>[0]) {
      await create(job);
      await expect.poll(() => at.sent.length).toBe(1);
      expect((await takeWebhook(at.sent[0]!, secret, at.desk)).outcome).toBe('answered');
      return unreachable();
    },
  };
  await failure(submitJob(event({ budget }), { ...at.desk, responses }));
  const { row } = await at.desk.budgetTable!.change('budget:run:w/r', {});
  expect(row).toMatchObject({ tokens: at.provider.meter.tokens, tokens_held: 0 });
});
