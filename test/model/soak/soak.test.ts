import { describe, expect, test } from 'vitest';
import { soakBackground } from '../../../bench/soak/background-lane.ts';
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
