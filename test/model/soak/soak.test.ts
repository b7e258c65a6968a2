import { describe, expect, test } from 'vitest';
import { soakBackground } from '../../../bench/soak/background-lane.ts';
import { soakBatch } from '../../../bench/soak/batch-lane.ts';
import { batchFaults } from '../../../bench/soak/faults.ts';
import { soakSync } from '../../../bench/soak/sync-lane.ts';
import { type SoakPlan, soak, wrongs } from '../../../bench/soak.ts';

/** Another one by CLOUDGATHER_SOAK_SEED; the title tells which it was. */
const seed = Number(process.env.CLOUDGATHER_SOAK_SEED ?? 1);
const plan: SoakPlan = { calls: 800, seed, httpShare: 0.1 };

describe(`800 calls, each fault by itself and all mixed, seed ${seed}`, () => {
  test('lose nothing, count nothing twice, name every outcome, and account for every token', {
    timeout: 60_000,
  }, async () => {
    const rows = await soak(plan);
    expect(rows.flatMap(wrongs)).toEqual([]);
    expect(rows.reduce((sum, { calls }) => sum + calls, 0)).toBe(800);
    // It could fail: providers failed, and answers broke on the way.
    expect(rows.reduce((sum, { requests }) => sum + requests, 0)).toBeGreaterThan(1_000);
    expect(rows.reduce((sum, { untold }) => sum + untold, 0)).toBeGreaterThan(1_000);
  });
});

test('a hang of 10 minutes is ended by the call, after its own 2 minutes, by name', async () => {
  const hang = { name: 'hang', faults: ['10-minute hang'] as const, calls: 5, share: 1 };
  const { outcomes, minutes } = await soakSync(hang);
  expect(outcomes).toEqual({ 'Model.Timeout': 5 });
  // Three attempts of two minutes, and the pauses between them.
  expect(minutes).toBeGreaterThanOrEqual(6);
  expect(minutes).toBeLessThanOrEqual(7);
});

test('a model that is never done is stopped when the time of its call is over, by name', async () => {
  for (const fault of ['never done', 'never done, cancel: 10-minute hang'] as const) {
    const row = await soakBackground({ name: fault, faults: [fault], calls: 10, share: 1 });
    expect(row.outcomes).toEqual({ 'Model.Timeout': 10 });
    // Three attempts of an hour.
    expect(row.minutes).toBeGreaterThanOrEqual(180);
    expect(row.hits[fault]).toBeGreaterThanOrEqual(30);
    expect([...wrongs(row), row.left]).toEqual([0]);
  }
});

test('a submit that hangs fails by name after 20 seconds, and what a webhook tells in time is taken', async () => {
  const hang = { name: 'hang', faults: ['submit: 10-minute hang'] as const, calls: 60, share: 1 };
  const row = await soakBackground(hang);
  const { answered = 0, ...failed } = row.outcomes;
  expect(failed).toEqual({ 'Model.Timeout': 60 - answered });
  expect(row.minutes).toBeLessThan(10);
  expect(row.untold).toBeGreaterThan(1_000);
  expect(wrongs(row)).toEqual([]);
});

test('calls that are refused at once do not use up the history of their run', async () => {
  const refused = { name: 'refused', faults: ['submit: 429 at once'] as const, calls: 250 };
  const row = await soakBackground({ ...refused, share: 0.4, seed });
  expect(row.outcomes).toEqual({ answered: 250 });
  expect(row.early).toBe(0);
  expect(row.events).toBeLessThan(15_000);
});

test('a table that fails for a while loses no call, and a row that is lost ends by the state alone', async () => {
  const share = { calls: 60, share: 1 };
  const away = await soakBackground({ ...share, name: 'a', faults: ['table: unreachable'] });
  const { answered = 0, 'Model.Unavailable': failed = 0 } = away.outcomes;
  expect(answered).toBeGreaterThan(40);
  expect(answered + failed).toBe(60);
  const lost = await soakBackground({ ...share, name: 'l', faults: ['table: row lost'] });
  expect(lost.outcomes).toEqual({ 'States.Timeout': 60 });
  expect([...wrongs(away), ...wrongs(lost)]).toEqual([]);
});

test('a webhook that never comes is made up for by a look', async () => {
  const lost = { name: 'lost', faults: ['webhook: lost'] as const, calls: 20, share: 1 };
  const { outcomes, webhooks, left } = await soakBackground(lost);
  expect({ outcomes, webhooks, left }).toEqual({
    outcomes: { answered: 20 },
    webhooks: {},
    left: 0,
  });
});

test('a forged webhook ends no call, and a replayed one ends it once', async () => {
  const share = { calls: 20, share: 1 };
  const forged = await soakBackground({ ...share, name: 'f', faults: ['webhook: forged'] });
  expect(forged.webhooks).toEqual({ forged: 40, answered: 20 });
  const replayed = await soakBackground({ ...share, name: 'r', faults: ['webhook: replayed'] });
  expect(replayed.webhooks).toEqual({ answered: 20, unknown: 40 });
  expect([...wrongs(forged), ...wrongs(replayed)]).toEqual([]);
});

describe(`calls in batches, seed ${seed}`, () => {
  const share = { calls: 12, share: 1, seed };

  test.each(batchFaults)("survive '%s', which all meet that can", async (fault) => {
    // A fault that nobody ever gets past would end no call: these are met by some.
    const some = /^(line: (429|twice)|upload: reset|create: (429|500)|batch: token)/.test(fault);
    const row = await soakBatch({ ...share, share: some ? 0.6 : 1, name: fault, faults: [fault] });
    expect(row.hits[fault]).toBeGreaterThan(0);
    // Of what nobody here can know the provider keeps files: see docs/models.md.
    const files = /^(upload: reset|batch: gone|collector|table)/.test(fault) ? 0 : row.files;
    expect([...wrongs(row), row.lost, files]).toEqual([0, 0]);
    expect(Object.values(row.outcomes).reduce((sum, count) => sum + count, 0)).toBe(12);
  });

  test('fall out to the lane sync where their batch is late, which is paid for and in no run', async () => {
    const faults = ['batch: later than its calls'] as const;
    const row = await soakBatch({ ...share, calls: 40, name: 'late', faults });
    expect(row.outcomes).toEqual({ answered: 40 });
    expect(row.asSync).toBeGreaterThan(10);
    expect(row.budget.spent.tokens).toBeGreaterThan(row.ours.tokens);
    expect([...wrongs(row), row.files]).toEqual([0]);
  });

  test('are answered once, and their files deleted, though most functions are ended midway', async () => {
    const faults = ['collector: killed'] as const;
    const row = await soakBatch({ ...share, calls: 40, share: 0.8, name: 'killed', faults });
    expect(row.outcomes).toEqual({ answered: 40 });
    expect(row.hits['collector: killed']).toBeGreaterThan(10);
    expect(wrongs(row)).toEqual([]);
  });

  test('fail by name where a batch is refused, and go into another where one line is at fault', async () => {
    const none = await soakBatch({ ...share, name: 'n', faults: ['batch: failed, no line'] });
    expect(none.outcomes).toEqual({ 'Model.Rejected': 12 });
    const one = await soakBatch({
      ...share,
      name: 'o',
      share: 0.5,
      faults: ['batch: failed, one line'],
    });
    expect(one.outcomes.answered).toBeGreaterThan(0);
    expect([none, one].map(({ ours, provider }) => ours.tokens - provider.tokens)).toEqual([0, 0]);
  });
});
