import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../lib/json.ts';
import { collect } from '../../../lib/model/batch/collect.ts';
import { sweepBatches } from '../../../lib/model/batch/sweep.ts';
import { type BatchSetting, onlyBatch, setting } from './batch-desk.ts';

const budget = { run: 'w/r', tokens: 100_000 };

/** Refuses requests of that method and path until it is told to stop. */
function refuse(at: BatchSetting, what: string, status: number, headers = {}, body?: object): void {
  at.disturb((method, path) =>
    `${method} ${path}` === what ? { status, headers, ...(body ? { body } : {}) } : undefined,
  );
}

describe.each(['POST /files', 'POST /batches'])('a refusal of %s', (what) => {
  it('that says when is heeded, for all calls of that model', async () => {
    const at = await setting();
    await at.submit('first');
    refuse(at, what, 429, { 'retry-after': '600' });
    expect(await collect(at.desk)).toBe(0);
    at.disturb(null);
    await at.submit('second');
    at.pass(590_000);
    expect(await collect(at.desk)).toBe(0);
    at.pass(15_000);
    expect(await collect(at.desk)).toBe(2);
    expect(at.provider.meter.created).toBe(1);
    expect(at.answers).toEqual([]);
  });

  it('without a time is heeded for longer and longer', async () => {
    const at = await setting();
    await at.submit('t', { timeoutSeconds: 86_400 });
    refuse(at, what, 429);
    const pauses: number[] = [];
    for (let minutes = 0; minutes < 120 && pauses.length < 4; minutes++) {
      const before = at.asked.filter((each) => each === what).length;
      await collect(at.desk);
      if (at.asked.filter((each) => each === what).length > before) pauses.push(minutes);
      at.pass(60_100);
    }
    expect(pauses).toEqual([0, 1, 3, 7]);
  });

  it.each([
    [401, 'Model.Unauthorized'],
    [403, 'Model.Unauthorized'],
    [400, 'Model.Rejected'],
  ])('with %i fails all its calls by the name %s, unpaid', async (status, name) => {
    const at = await setting();
    for (const token of ['a', 'b']) await at.submit(token, { budget });
    refuse(at, what, status);
    expect(await collect(at.desk)).toBe(0);
    expect(at.answers.map(({ error }) => error)).toEqual([name, name]);
    expect(JSON.stringify(at.answers)).not.toContain('canary-prompt');
    expect(await onlyBatch(at)).toBeNull();
    expect(at.provider.meter.files).toBe(0);
    expect(await at.budget('budget:run:w/r')).toMatchObject({ tokens: 0, tokens_held: 0 });
  });

  it('with 404 tells of a server without batches', async () => {
    const at = await setting();
    await at.submit('t');
    refuse(at, what, 404);
    await collect(at.desk);
    expect(at.answers).toMatchObject([
      { error: 'Model.Rejected', cause: expect.stringContaining('no files and batches') },
    ]);
  });

  it('for want of money fails by its name, though it is a 429', async () => {
    const at = await setting();
    await at.submit('t');
    refuse(at, what, 429, {}, { error: { code: 'insufficient_quota' } });
    await collect(at.desk);
    expect(at.answers).toMatchObject([{ error: 'Model.QuotaExhausted' }]);
  });
});

it('releases at once what could not be uploaded, since nothing was made', async () => {
  const at = await setting();
  await at.submit('t');
  refuse(at, 'POST /files', 500);
  await collect(at.desk);
  expect(await onlyBatch(at)).toBeNull();
  at.disturb(null);
  at.pass(60_000);
  expect(await collect(at.desk)).toBe(1);
});

it.each([[502 as const], ['cut' as const]])(
  'finds the batch that was made though its answer was lost (%s), and makes no second one',
  async (how) => {
    const at = await setting();
    await at.submit('t');
    if (how === 'cut') {
      at.disturb((method, path) => (`${method} ${path}` === 'POST /batches' ? 'cut' : undefined));
    } else {
      const { create } = at.desk.batch.calls;
      at.desk.batch.calls.create = async (...args) => {
        await create(...args);
        refuse(at, 'POST /batches', how);
        return create(...args);
      };
    }
    expect(await collect(at.desk)).toBe(0);
    at.disturb(null);
    expect(await onlyBatch(at)).not.toHaveProperty('given');
    // It is not given to another one meanwhile.
    expect(await sweepBatches('all', at.desk)).toEqual({ given: 0, ended: 0, open: 1 });
    at.pass(360_000);
    await sweepBatches('due', at.desk);
    expect(at.answers).toMatchObject([{ output: { object: 'model.result' } }]);
    expect(at.provider.meter.created).toBe(1);
  },
);

it('gives again what was never made, when it was looked for', async () => {
  const at = await setting();
  await at.submit('t');
  refuse(at, 'POST /batches', 503);
  await collect(at.desk);
  at.disturb(null);
  at.pass(360_000);
  expect(await sweepBatches('due', at.desk)).toMatchObject({ given: 0, ended: 1 });
  // The file of which no batch was made is deleted with its row.
  expect(at.provider.meter).toMatchObject({ uploaded: 1, files: 0 });
  expect(await collect(at.desk)).toBe(1);
});

describe('a batch that the provider finds at fault', () => {
  const failed = (...errors: JsonObject[]) => ({ status: 'failed', errors }) as const;

  async function found(...errors: JsonObject[]): Promise<BatchSetting> {
    let isFirst = true;
    const at = await setting({
      end: () => {
        if (!isFirst) return undefined;
        isFirst = false;
        return failed(...errors);
      },
    });
    for (const prompt of ['a', 'b', 'c', 'd']) await at.submit(prompt, { prompt, budget });
    await collect(at.desk);
    await expect.poll(() => at.sent.length).toBe(1);
    await sweepBatches('all', at.desk);
    return at;
  }

  it('in some lines fails those calls, and gives the others again', async () => {
    const error = { code: 'invalid_value', message: 'canary', param: 'body.temperature', line: 2 };
    const at = await found(error);
    expect(at.answers).toMatchObject([
      { error: 'Model.Rejected', cause: expect.stringContaining('the field temperature') },
    ]);
    expect(JSON.stringify(at.answers)).not.toContain('canary-prompt');
    expect(await collect(at.desk)).toBe(3);
    await expect.poll(() => at.sent.length).toBe(2);
    await sweepBatches('all', at.desk);
    expect(at.answers).toHaveLength(4);
    const row = await at.budget('budget:run:w/r');
    expect(row).toMatchObject({ tokens: at.provider.meter.tokens, tokens_held: 0 });
    expect(at.provider.meter.files).toBe(0);
  });

  it('in no line fails all its calls', async () => {
    const at = await found({ code: 'invalid_file', message: 'canary', param: null, line: null });
    expect(at.answers.map(({ error }) => error)).toEqual(Array(4).fill('Model.Rejected'));
    expect(await at.budget('budget:run:w/r')).toMatchObject({ tokens: 0, tokens_held: 0 });
  });

  it('for its model fails all its calls, though one line is named', async () => {
    const at = await found({ code: 'model_not_found', param: 'body.model', line: 1 });
    expect(at.answers.map(({ error }) => error)).toEqual(Array(4).fill('Model.Rejected'));
    expect(at.answers[0]?.cause).toContain('there is no model');
  });

  it('since the account is full gives them again later, in halves', async () => {
    const at = await found({ code: 'token_limit_exceeded', param: null, line: null });
    expect(at.answers).toEqual([]);
    expect(await collect(at.desk)).toBe(0);
    at.pass(60_000);
    expect(await collect(at.desk)).toBe(4);
    expect(at.provider.meter.created).toBe(3);
    await expect.poll(() => at.sent.length).toBe(3);
    await sweepBatches('all', at.desk);
    expect(at.answers).toHaveLength(4);
    const row = await at.budget('budget:run:w/r');
    expect(row).toMatchObject({ tokens: at.provider.meter.tokens, tokens_held: 0 });
  });
});
