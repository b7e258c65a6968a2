import { describe, expect, it } from 'vitest';
import { signedWebhook } from '../../../lib/local/stand-in/background.ts';
import { takeWebhook } from '../../../lib/model/background/webhook.ts';
import { collect } from '../../../lib/model/batch/collect.ts';
import { sweepBatches } from '../../../lib/model/batch/sweep.ts';
import { secret } from '../background/background-desk.ts';
import { type BatchSetting, onlyBatch, setting } from './batch-desk.ts';

function over(id: string, type = 'completed') {
  const event = { type: `batch.${type}`, data: { id } };
  return signedWebhook(JSON.stringify(event), secret, 'wh_1');
}

async function given(at: BatchSetting, tokens: readonly string[]): Promise<void> {
  for (const token of tokens) await at.submit(token);
  await collect(at.desk);
  await expect.poll(() => at.sent.length).toBe(1);
}

describe('a webhook of a batch', () => {
  it('brings each answer to its state', async () => {
    const at = await setting();
    await given(at, ['a', 'b', 'c']);
    expect(await takeWebhook(at.sent[0]!, secret, at.desk)).toEqual({
      status: 200,
      outcome: 'ended',
    });
    expect(at.answers.map(({ token }) => token).sort()).toEqual(['a', 'b', 'c']);
    expect(await onlyBatch(at)).toBeNull();
  });

  it('that comes often, or is replayed, answers once', async () => {
    const at = await setting();
    await given(at, ['a', 'b']);
    const all = await Promise.all([1, 2, 3].map(() => takeWebhook(at.sent[0]!, secret, at.desk)));
    expect(all.every(({ status }) => status === 200)).toBe(true);
    expect(await takeWebhook(at.sent[0]!, secret, at.desk)).toMatchObject({ outcome: 'unknown' });
    expect(at.answers).toHaveLength(2);
  });

  it('that is lost is made good by a look', async () => {
    const at = await setting();
    await given(at, ['a']);
    expect(await sweepBatches('due', at.desk)).toMatchObject({ ended: 0 });
    at.pass(120_000);
    expect(await sweepBatches('due', at.desk)).toMatchObject({ ended: 1 });
    expect(at.answers).toHaveLength(1);
  });

  it("that comes before the provider's id is noted finds its batch", async () => {
    const at = await setting();
    const { change } = at.desk.batch.rows;
    let outcome: unknown;
    at.desk.batch.rows.change = async (batch, due) => {
      if (outcome === undefined) {
        outcome = null;
        await expect.poll(() => at.sent.length).toBe(1);
        outcome = (await takeWebhook(at.sent[0]!, secret, at.desk)).outcome;
      }
      return change(batch, due);
    };
    await at.submit('a');
    await collect(at.desk);
    expect(outcome).toBe('ended');
    expect(at.answers).toHaveLength(1);
    expect(await onlyBatch(at)).toBeNull();
  });

  it('that comes before the provider knows of the end is to come again', async () => {
    const at = await setting({ latency: () => 60_000 });
    await at.submit('a');
    await collect(at.desk);
    const { given: id = '' } = (await onlyBatch(at)) ?? {};
    const answer = await takeWebhook(over(id), secret, at.desk);
    expect(answer).toEqual({ status: 503, outcome: 'open' });
    expect(at.answers).toEqual([]);
  });

  it("of somebody else's batch means nothing", async () => {
    const at = await setting();
    const answer = await takeWebhook(over('batch_others', 'failed'), secret, at.desk);
    expect(answer).toEqual({ status: 200, outcome: 'unknown' });
  });

  it('with more lines than time leaves the rest to the minute', async () => {
    const at = await setting();
    await given(at, ['a', 'b']);
    let isSlow = true;
    const succeed: typeof at.desk.tokens.succeed = async (token, output) => {
      if (isSlow) at.pass(20_000);
      return at.desk.tokens.succeed(token, output);
    };
    const { lines } = at.desk.batch.calls;
    const oneByOne: typeof lines = async function* (file, model) {
      for await (const line of lines(file, model)) {
        yield line;
        // The others ask for the next one only when this one has been dealt with.
        await expect.poll(() => at.answers.length).toBeGreaterThan(0);
      }
    };
    const batch = { ...at.desk.batch, calls: { ...at.desk.batch.calls, lines: oneByOne } };
    const slow = { ...at.desk, batch, tokens: { ...at.desk.tokens, succeed } };
    expect(await takeWebhook(at.sent[0]!, secret, slow)).toEqual({
      status: 200,
      outcome: 'partly',
    });
    expect(at.answers).toHaveLength(1);
    isSlow = false;
    expect(await sweepBatches('due', at.desk)).toMatchObject({ ended: 1 });
    expect(at.answers).toHaveLength(2);
  });

  it('is refused when it is forged', async () => {
    const at = await setting();
    await given(at, ['a']);
    const [{ headers, body }] = at.sent as [(typeof at.sent)[0]];
    const forged = { headers, body: body.replace('completed', 'expired') };
    expect(await takeWebhook(forged, secret, at.desk)).toEqual({ status: 401, outcome: 'forged' });
    expect(at.answers).toEqual([]);
  });
});
