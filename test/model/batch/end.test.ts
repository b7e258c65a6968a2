import { expect, it } from 'vitest';
import type { JsonObject } from '../../../lib/json.ts';
import type { LineOutcome } from '../../../lib/local/stand-in/batches.ts';
import { collect } from '../../../lib/model/batch/collect.ts';
import { sweepBatches } from '../../../lib/model/batch/sweep.ts';
import type { ModelRequest } from '../../../lib/model/request.ts';
import { type BatchSetting, onlyBatch, setting } from './batch-desk.ts';

const budget = { run: 'w/r', tokens: 100_000, usd: 1 };

/** Each of these calls is named by its prompt, and comes to what is said of it. */
async function ended(
  outcomes: Readonly<Record<string, LineOutcome | undefined>>,
  more: Partial<ModelRequest> = {},
  status: 'completed' | 'expired' = 'completed',
): Promise<BatchSetting> {
  const at = await setting({ line: (line) => outcomes[promptOf(line)], end: () => ({ status }) });
  for (const prompt of Object.keys(outcomes)) {
    await at.submit(prompt, { prompt, budget, maxOutputTokens: 50, ...more });
  }
  await collect(at.desk);
  await expect.poll(() => at.sent.length).toBe(1);
  await sweepBatches('all', at.desk);
  return at;
}

function promptOf({ body }: JsonObject): string {
  const [message] = (body as JsonObject).messages as readonly JsonObject[];
  return String(message?.content);
}

const refused = (status: number, code: string): LineOutcome => ({
  status,
  body: { error: { code, message: 'canary-prompt' } },
});

it('fails each line by the name that a sync call would have met', async () => {
  const at = await ended({
    good: undefined,
    wrong: refused(400, 'invalid_value'),
    key: refused(401, 'invalid_api_key'),
    model: refused(404, 'model_not_found'),
    broken: refused(500, 'server_error'),
    filtered: refused(400, 'content_filter'),
  });
  const names = Object.fromEntries(at.answers.map(({ token, error }) => [token, error]));
  expect(names).toEqual({
    good: undefined,
    wrong: 'Model.Rejected',
    key: 'Model.Unauthorized',
    model: 'Model.Rejected',
    broken: 'Model.Unavailable',
    filtered: 'Model.Refused',
  });
  expect(JSON.stringify(at.answers)).not.toContain('canary');
});

it('lets a line that met a limit wait its turn, as in every lane', async () => {
  const turn = { run: 'run' };
  const at = await ended({ full: refused(429, 'rate_limit_exceeded') }, { turn });
  expect(at.answers).toMatchObject([{ error: 'Model.Deferred' }]);
  expect(at.answers[0]?.cause).toMatch(/Turn: .*refusals\\":1/);
  expect(await at.budget('budget:run:w/r')).toMatchObject({ tokens: 0, tokens_held: 0 });
});

it('keeps the partial results of a batch that expired, and pays for nothing else', async () => {
  const error = { code: 'batch_expired', message: 'canary-prompt' };
  const at = await ended({ done: undefined, late: { error }, silent: 'none' }, {}, 'expired');
  const names = Object.fromEntries(at.answers.map(({ token, error }) => [token, error]));
  expect(names).toEqual({
    done: undefined,
    late: 'Model.BatchExpired',
    silent: 'Model.BatchExpired',
  });
  const row = await at.budget('budget:run:w/r');
  expect(row).toMatchObject({ tokens: at.provider.meter.tokens, tokens_held: 0, usd_held: 0 });
});

it('settles each budget to the token and the billionth of a dollar, at half price', async () => {
  const at = await ended({ one: undefined, two: undefined });
  const prices = at.answers.map(
    ({ output }) => (output as never as { price: { usd: number } }).price,
  );
  const spent = prices.reduce((sum, { usd }) => sum + Math.ceil(Number((usd * 1e9).toFixed(1))), 0);
  const row = await at.budget('budget:run:w/r');
  expect(row).toMatchObject({ tokens: at.provider.meter.tokens, usd: spent, usd_held: 0 });
});

it('reserves half of what a sync call would', async () => {
  const at = await setting();
  await at.submit('t', { budget, maxOutputTokens: 1_000 });
  const { usd = 0 } = await at.budget('budget:run:w/r');
  // 1,000 tokens of output at 2 USD a million, and a few of input.
  expect(usd).toBeGreaterThan(1_000_000);
  expect(usd).toBeLessThan(1_020_000);
});

it('fails a call that its batch does not speak of, by a name that is retried', async () => {
  const at = await ended({ silent: 'none' });
  expect(at.answers).toMatchObject([
    { error: 'Model.Unavailable', cause: expect.stringContaining('may have been paid for') },
  ]);
  // Nobody knows what it has used: the reservation counts.
  expect((await at.budget('budget:run:w/r')).tokens).toBeGreaterThan(50);
});

it('settles the spend of an answer that nobody waits for any more', async () => {
  const at = await setting();
  await at.submit('gone', { budget, maxOutputTokens: 50 });
  await at.submit('here', { budget, maxOutputTokens: 50 });
  await collect(at.desk);
  at.dead.add('gone');
  await expect.poll(() => at.sent.length).toBe(1);
  await sweepBatches('all', at.desk);
  expect(at.answers.map(({ token }) => token)).toEqual(['here']);
  const row = await at.budget('budget:run:w/r');
  expect(row).toMatchObject({ tokens: at.provider.meter.tokens, tokens_held: 0 });
});

it('ignores lines that come twice, are of nobody, or are no JSON', async () => {
  const at = await setting({ end: () => undefined });
  const { lines } = at.desk.batch.calls;
  const job = await at.submit('t');
  await collect(at.desk);
  await expect.poll(() => at.sent.length).toBe(1);
  const odd = {
    ...at.desk.batch.calls,
    async *lines(file: string, model: string) {
      yield 'no json';
      yield '{"custom_id":"nobody.1","response":{"status_code":200,"body":{}}}';
      yield '{"custom_id":"others-id","response":{"status_code":200,"body":{}}}';
      yield `{"custom_id":"${job}.7","response":{"status_code":200,"body":{}}}`;
      for await (const line of lines(file, model)) {
        yield line;
        yield line;
      }
    },
  };
  const desk = { ...at.desk, batch: { ...at.desk.batch, calls: odd } };
  await sweepBatches('all', desk);
  expect(at.answers).toMatchObject([{ token: 't', output: { attempts: 1 } }]);
});

it('goes on with the others where one cannot be answered now, and comes back to that one', async () => {
  const at = await setting();
  for (const token of ['a', 'b', 'c']) await at.submit(token);
  await collect(at.desk);
  await expect.poll(() => at.sent.length).toBe(1);
  const succeed: typeof at.desk.tokens.succeed = (token, output) =>
    token === 'b' ? Promise.reject(new Error('b')) : at.desk.tokens.succeed(token, output);
  const desk = { ...at.desk, tokens: { ...at.desk.tokens, succeed } };
  expect(await sweepBatches('all', desk)).toMatchObject({ ended: 0, open: 1 });
  expect(at.answers.map(({ token }) => token).sort()).toEqual(['a', 'c']);
  // The next minute finds it due.
  expect(await sweepBatches('due', at.desk)).toMatchObject({ ended: 1 });
  expect(at.answers).toHaveLength(3);
});

it('fails all where the provider has lost the batch', async () => {
  const at = await setting({ latency: () => 60_000 });
  await at.submit('t');
  await collect(at.desk);
  at.disturb(() => ({ status: 404 }));
  // It may just not have found it yet.
  expect(await sweepBatches('all', at.desk)).toMatchObject({ open: 1 });
  at.pass(120_000);
  await sweepBatches('all', at.desk);
  expect(at.answers).toMatchObject([{ error: 'Model.Unavailable' }]);
  expect(await onlyBatch(at)).toBeNull();
});

it('looks again where a file breaks off, and takes nothing for missing', async () => {
  const at = await setting();
  await at.submit('t');
  await collect(at.desk);
  await expect.poll(() => at.sent.length).toBe(1);
  at.disturb((_, path) => (path.endsWith('/content') ? { status: 503 } : undefined));
  expect(await sweepBatches('all', at.desk)).toMatchObject({ ended: 0, open: 1 });
  expect(at.answers).toEqual([]);
  at.disturb(null);
  await sweepBatches('all', at.desk);
  expect(at.answers).toMatchObject([{ output: { object: 'model.result' } }]);
});
