import { expect, it } from 'vitest';
import { collect } from '../../../lib/model/batch/collect.ts';
import { sweepBatches } from '../../../lib/model/batch/sweep.ts';
import { type BatchSetting, setting } from './batch-desk.ts';

const schema = {
  type: 'object',
  properties: { n: { type: 'number' } },
  required: ['n'],
  additionalProperties: false,
} as const;
const output = { name: 'number', schema };
const budget = { run: 'w/r', tokens: 100_000 };
const more = { output, budget, maxOutputTokens: 100 };

async function given(at: BatchSetting, batches: number): Promise<void> {
  await collect(at.desk);
  await expect.poll(() => at.sent.length).toBe(batches);
}

it('asks again in the next batch for what cannot be used, and adds what both have used', async () => {
  let asked = 0;
  const at = await setting({ reply: () => (++asked === 1 ? '{"wrong":1}' : '{"n":1}') });
  const job = await at.submit('t', more);
  await given(at, 1);
  expect(await sweepBatches('due', at.desk)).toMatchObject({ ended: 0 });
  // All look at once, and one repairs.
  await Promise.all([1, 2, 3].map(() => sweepBatches('all', at.desk)));
  expect(at.answers).toEqual([]);
  await given(at, 2);
  expect([...at.provider.meter.answered.keys()]).toEqual([`${job}.1`, `${job}.2`]);
  await sweepBatches('all', at.desk);
  expect(at.answers).toMatchObject([
    {
      output: {
        output: { n: 1 },
        attempts: 2,
        usage: { totalTokens: at.provider.meter.tokens },
      },
    },
  ]);
  const row = await at.budget('budget:run:w/r');
  expect(row).toMatchObject({ tokens: at.provider.meter.tokens, tokens_held: 0 });
});

it('fails with what all attempts have used when the repairs are over', async () => {
  const at = await setting({ reply: () => '{"wrong":1}' });
  await at.submit('t', { ...more, repairs: 1 });
  await given(at, 1);
  await sweepBatches('all', at.desk);
  await given(at, 2);
  await sweepBatches('all', at.desk);
  expect(at.answers).toMatchObject([
    { error: 'Model.OutputInvalid', cause: expect.stringMatching(/So it was 2 times.*Spent /) },
  ]);
  const row = await at.budget('budget:run:w/r');
  expect(row).toMatchObject({ tokens: at.provider.meter.tokens, tokens_held: 0 });
});

it('does not ask again when nobody waits any more', async () => {
  const at = await setting({ reply: () => '{"wrong":1}' });
  await at.submit('t', more);
  await given(at, 1);
  at.dead.add('t');
  await sweepBatches('all', at.desk);
  expect(await collect(at.desk)).toBe(0);
  const row = await at.budget('budget:run:w/r');
  expect(row).toMatchObject({ tokens: at.provider.meter.tokens, tokens_held: 0 });
});

it('tells what the first attempt has used when no batch takes the repair in time', async () => {
  const at = await setting({ reply: () => '{"wrong":1}' });
  await at.submit('t', { ...more, timeoutSeconds: 600 });
  await given(at, 1);
  await sweepBatches('all', at.desk);
  at.pass(600_000);
  await collect(at.desk);
  expect(at.answers).toMatchObject([
    { error: 'Model.BatchExpired', cause: expect.stringMatching(/Spent \d+ input tokens/) },
  ]);
  const row = await at.budget('budget:run:w/r');
  expect(row).toMatchObject({ tokens: at.provider.meter.tokens, tokens_held: 0 });
});

it('fails where the budget has nothing left for a repair', async () => {
  const at = await setting({ reply: () => '{"wrong":1}' });
  await at.submit('t', { ...more, budget: { run: 'w/r', tokens: 200 } });
  await given(at, 1);
  await sweepBatches('all', at.desk);
  expect(at.answers).toMatchObject([{ error: 'Budget.Exceeded' }]);
  const row = await at.budget('budget:run:w/r');
  expect(row).toMatchObject({ tokens: at.provider.meter.tokens, tokens_held: 0 });
});
