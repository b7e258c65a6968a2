import { describe, expect, it } from 'vitest';
import { collect } from '../../../lib/model/batch/collect.ts';
import { lookAtBatch } from '../../../lib/model/batch/row-look.ts';
import { sweepBatches } from '../../../lib/model/batch/sweep.ts';
import { type BatchSetting, onlyBatch, setting } from './batch-desk.ts';
import { dying } from './dying-desk.ts';

const tokens = ['a', 'b', 'c'];
const budget = { run: 'w/r', tokens: 100_000 };

async function submitted(at: BatchSetting): Promise<void> {
  for (const token of tokens) await at.submit(token, { budget, maxOutputTokens: 100 });
}

/** The minutes after: another function, that lives, as often as it takes. */
async function goOn(at: BatchSetting): Promise<void> {
  for (let sweep = 0; sweep < 14 && (await isOpen(at)); sweep++) {
    at.pass(200_000);
    await sweepBatches('all', at.desk);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function isOpen({ desk }: BatchSetting): Promise<boolean> {
  const rows = await desk.batch.rows.open();
  const jobs = await desk.jobs.ofRun('none');
  return rows.length + jobs.length > 0;
}

/** Nothing is lost, given twice or answered twice, and the budget holds what was spent. */
async function expectDone(at: BatchSetting): Promise<void> {
  expect(at.answers.map(({ token }) => token).sort()).toEqual(tokens);
  expect(at.answers.every(({ output }) => output !== undefined)).toBe(true);
  expect([...at.provider.meter.answered.values()]).toEqual([1, 1, 1]);
  expect(await isOpen(at)).toBe(false);
}

for (const when of ['before', 'after'] as const) {
  describe(`a function that dies ${when} the nth thing it asks`, () => {
    it('while it collects gives nothing twice, and loses nothing', async () => {
      let deaths = 0;
      for (let nth = 1; ; nth++) {
        const at = await setting();
        await submitted(at);
        const { desk, hasDied } = dying(at.desk, nth, when);
        await collect(desk).catch(() => undefined);
        await goOn(at);
        await expectDone(at);
        const { tokens: used, tokens_held } = await at.budget('budget:run:w/r');
        expect({ used, tokens_held }).toEqual({ used: at.provider.meter.tokens, tokens_held: 0 });
        if (!hasDied()) break;
        deaths += 1;
      }
      expect(deaths).toBeGreaterThan(15);
    }, 60_000);

    it('while it ends a batch answers nothing twice, and loses nothing', async () => {
      let deaths = 0;
      for (let nth = 1; ; nth++) {
        const at = await setting();
        await submitted(at);
        await collect(at.desk);
        await expect.poll(() => at.sent.length).toBe(1);
        const { id = '' } = (await onlyBatch(at)) ?? {};
        const { desk, hasDied } = dying(at.desk, nth, when);
        await lookAtBatch(id, desk).catch(() => undefined);
        await goOn(at);
        await expectDone(at);
        expect(at.provider.meter.files).toBe(0);
        if (!hasDied()) break;
        deaths += 1;
      }
      expect(deaths).toBeGreaterThan(15);
    }, 60_000);
  });
}
