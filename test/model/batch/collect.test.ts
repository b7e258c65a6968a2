import { expect, it } from 'vitest';
import type { JsonObject } from '../../../lib/json.ts';
import { submitJob } from '../../../lib/model/background/submit.ts';
import { collect } from '../../../lib/model/batch/collect.ts';
import { sweepBatches } from '../../../lib/model/batch/sweep.ts';
import { request } from '../background/background-desk.ts';
import { onlyBatch, setting } from './batch-desk.ts';
import { inMemory } from './memory-desk.ts';

const forever = { latency: () => 60_000 };

it('makes one batch of what many runs ask', async () => {
  const at = await setting();
  const runs = Array.from({ length: 30 }, (_, index) => `run-${index}`);
  await Promise.all(runs.map((run) => at.submit(run, { turn: { run } })));
  expect(at.asked).toEqual([]);
  expect(await sweepBatches('all', at.desk)).toMatchObject({ given: 30 });
  expect(at.provider.meter).toMatchObject({ uploaded: 1, created: 1 });
  await expect.poll(() => at.sent.length).toBe(1);
  await sweepBatches('all', at.desk);
  expect(at.answers.map(({ token }) => token).sort()).toEqual(runs.toSorted());
  expect(await at.desk.batch.rows.open()).toEqual([]);
  expect(await at.desk.jobs.ofRun('run-1')).toEqual([]);
  expect(at.provider.meter.files).toBe(0);
});

it('gives the result of a sync call, at half its price', async () => {
  const at = await setting();
  await at.submit('canary-token');
  await sweepBatches('all', at.desk);
  await expect.poll(() => at.sent.length).toBe(1);
  await sweepBatches('all', at.desk);
  expect(at.answers).toEqual([
    {
      token: 'canary-token',
      output: {
        object: 'model.result',
        output: expect.stringContaining('Scripted answer of gpt-5-mini'),
        toolCalls: [],
        usage: {
          inputTokens: 4,
          outputTokens: 44,
          totalTokens: 48,
          cachedInputTokens: 0,
          reasoningTokens: 0,
        },
        price: { usd: 0.0000445 },
        model: 'gpt-5-mini',
        provider: 'openai',
        finishReason: 'stop',
        requestId: expect.stringMatching(/^req_/),
        attempts: 1,
        latency: expect.any(Number),
      },
    },
  ]);
});

it('takes the price that the user gives by half, too', async () => {
  const at = await setting();
  await at.submit('t', { price: { inputPerMillion: 1000, outputPerMillion: 1000 } });
  await sweepBatches('all', at.desk);
  await expect.poll(() => at.sent.length).toBe(1);
  await sweepBatches('all', at.desk);
  expect(at.answers).toMatchObject([{ output: { price: { usd: 0.024 } } }]);
});

it('puts one model and one endpoint into a batch', async () => {
  const seen: string[][] = [];
  const at = await setting({
    end: (lines) => {
      seen.push(lines.map(({ url, body }) => `${url} ${(body as JsonObject).model}`));
      return undefined;
    },
  });
  for (const model of ['gpt-5-mini', 'gpt-5-nano', 'gpt-5-mini', 'o3-pro']) {
    await at.submit(`${model} ${Math.random()}`, { model });
  }
  expect(await collect(at.desk)).toBe(4);
  await expect.poll(() => seen.length).toBe(3);
  expect(seen.toSorted()).toEqual([
    ['/v1/chat/completions gpt-5-mini', '/v1/chat/completions gpt-5-mini'],
    ['/v1/chat/completions gpt-5-nano'],
    ['/v1/responses o3-pro'],
  ]);
  await sweepBatches('all', at.desk);
  expect(at.answers).toHaveLength(4);
});

it('gives a call once, however many collect at once', async () => {
  const at = await setting();
  const tokens = Array.from({ length: 40 }, (_, index) => `token-${index}`);
  await Promise.all(tokens.map((token) => at.submit(token)));
  const given = await Promise.all([1, 2, 3, 4].map(() => collect(at.desk)));
  expect(given.reduce((sum, each) => sum + each)).toBe(40);
  await expect.poll(() => at.provider.meter.answered.size).toBe(40);
  expect([...at.provider.meter.answered.values()].every((times) => times === 1)).toBe(true);
  await Promise.all([1, 2, 3].map(() => sweepBatches('all', at.desk)));
  await sweepBatches('all', at.desk);
  expect(at.answers).toHaveLength(40);
});

it('parts what is more than a file takes, and answers all of it', async () => {
  const at = await setting();
  const desk = inMemory(at.desk);
  for (let index = 0; index < 5_003; index++) {
    await submitJob({ taskToken: `t-${index}`, request: request(), lane: 'batch' }, desk);
  }
  expect(await collect(desk)).toBe(5_003);
  const rows = await Promise.all((await desk.batch.rows.open()).map(desk.batch.rows.get));
  expect(rows.map((row) => row?.jobs.length)).toEqual([5_000, 3]);
  await expect.poll(() => at.provider.meter.answered.size).toBe(5_003);
  expect(await sweepBatches('all', desk)).toEqual({ given: 0, ended: 2, open: 0 });
  expect(at.answers).toHaveLength(5_003);
  expect(desk.jobs.rows.size).toBe(0);
}, 30_000);

it('parts by bytes what is fewer calls', async () => {
  const at = await setting(forever);
  const desk = inMemory(at.desk);
  const prompt = 'x'.repeat(500_000);
  for (let index = 0; index < 41; index++) {
    await submitJob({ taskToken: `t-${index}`, request: request({ prompt }), lane: 'batch' }, desk);
  }
  expect(await collect(desk)).toBe(41);
  expect(at.provider.meter.uploaded).toBe(2);
}, 30_000);

it('drops, unpaid, what nobody waits for any more', async () => {
  const began = Date.now();
  const at = await setting({ ...forever, now: () => began });
  const budget = { run: 'w/r', usd: 1, tokens: 100_000 };
  const more = { budget, maxOutputTokens: 100 };
  await at.submit('wanted', more);
  const before = await at.budget('budget:run:w/r');
  const gone = await at.submit('gone', more);
  at.dead.add('gone');
  expect(await collect(at.desk)).toBe(1);
  expect(await at.desk.jobs.get(gone)).toBeNull();
  expect(await at.budget('budget:run:w/r')).toEqual(before);
});

it('sends what is over its time to the lane sync, with its reservation given back', async () => {
  const at = await setting();
  const budget = { run: 'w/r', tokens: 100_000 };
  await at.submit('late', { timeoutSeconds: 100, budget });
  at.pass(100_000);
  expect(await collect(at.desk)).toBe(0);
  expect(at.answers).toMatchObject([
    { token: 'late', error: 'Model.BatchExpired', cause: expect.stringContaining('100 seconds') },
  ]);
  expect(await at.budget('budget:run:w/r')).toMatchObject({ tokens: 0, tokens_held: 0 });
  expect(at.asked).toEqual([]);
});

it('makes no batch, and asks nobody, where nothing waits', async () => {
  const at = await setting();
  expect(await sweepBatches('due', at.desk)).toEqual({ given: 0, ended: 0, open: 0 });
  expect(at.asked).toEqual([]);
});

it('stops in time, and leaves the rest to the next minute', async () => {
  const at = await setting(forever);
  await at.submit('token');
  expect(await collect(at.desk, at.desk.now() - 1)).toBe(0);
  expect(await collect(at.desk)).toBe(1);
  expect(await onlyBatch(at)).toMatchObject({ given: expect.stringMatching(/^batch_/) });
});

it('rejects a tier and an answer of before: a batch has neither', async () => {
  const at = await setting();
  await expect(at.submit('t', { serviceTier: 'flex' })).rejects.toThrow(
    "'batch' takes no serviceTier",
  );
  await expect(at.submit('t', { reuse: true })).rejects.toThrow("'batch' takes no reuse");
});
