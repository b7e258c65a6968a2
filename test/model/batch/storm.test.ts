import { expect, it } from 'vitest';
import { submitJob } from '../../../lib/model/background/submit.ts';
import { takeWebhook } from '../../../lib/model/background/webhook.ts';
import type { BatchDesk } from '../../../lib/model/batch/parts.ts';
import { sweepBatches } from '../../../lib/model/batch/sweep.ts';
import { request, secret } from '../background/background-desk.ts';
import { setting } from './batch-desk.ts';
import { inMemory } from './memory-desk.ts';

const calls = 120;
const budget = { run: 'w/r', tokens: 1_000_000 };

/** The same numbers each time, in [0, 1). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A desk of which each thing that is asked may fail: before it is done, or after. */
function faulty(desk: BatchDesk, random: () => number, share: number): BatchDesk {
  const port = <T extends object>(methods: T, names: readonly (keyof T)[]): T => {
    const faults = names.map((name) => {
      const method = methods[name] as (...args: unknown[]) => Promise<unknown>;
      const call = async (...args: unknown[]) => {
        const chance = random();
        if (chance < share) throw new Error('before');
        const answer = await method(...args);
        if (chance > 1 - share) throw new Error('after');
        return answer;
      };
      return [name, call];
    });
    return { ...methods, ...Object.fromEntries(faults) };
  };
  const { waiting, rows, calls: provider } = desk.batch;
  return {
    ...desk,
    jobs: port(desk.jobs, ['get', 'again', 'remove']),
    tokens: port(desk.tokens, ['succeed', 'fail', 'heartbeat']),
    batch: {
      waiting: port(waiting, ['list', 'claim', 'release', 'drop']),
      rows: port(rows, ['add', 'get', 'change', 'lookAgain', 'remove', 'due', 'open']),
      calls: port(provider, ['upload', 'create', 'retrieve', 'cancel', 'forget']),
    },
  };
}

it.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'loses nothing, and gives nothing twice, in a storm of faults (%i)',
  async (seed) => {
    const random = seeded(seed);
    let asked = 0;
    const at = await setting({ reply: () => (++asked % 7 === 0 ? '' : 'good') });
    const calm = inMemory(at.desk);
    for (let index = 0; index < calls; index++) {
      const event = {
        taskToken: `t-${index}`,
        request: request({ timeoutSeconds: 86_400, budget, maxOutputTokens: 50, repairs: 5 }),
        lane: 'batch',
      };
      await submitJob(event, calm);
    }
    at.disturb(() => {
      const chance = random();
      if (chance < 0.03) return { status: 429, headers: { 'retry-after': '30' } };
      if (chance < 0.06) return { status: 503 };
      return chance < 0.09 ? 'cut' : undefined;
    });
    const desk = faulty(calm, random, 0.01);
    const isOpen = async () => calm.jobs.rows.size + (await calm.batch.rows.open()).length > 0;
    for (let round = 0; round < 300 && (await isOpen()); round++) {
      const webhooks = at.sent.slice(-3).map((webhook) => takeWebhook(webhook, secret, desk));
      const sweeps = (['due', 'all'] as const).map((which) => sweepBatches(which, desk));
      await Promise.allSettled([...webhooks, ...sweeps]);
      at.pass(100_000);
    }
    expect(await isOpen()).toBe(false);
    expect(at.answers).toHaveLength(calls);
    expect(at.answers.filter(({ output }) => output === undefined)).toEqual([]);
    expect([...at.provider.meter.answered.values()].filter((times) => times > 1)).toEqual([]);
    // Whoever dies before it settles leaves a reservation: more is held than was spent, never less.
    const { tokens = 0 } = await at.budget('budget:run:w/r');
    expect(tokens).toBeGreaterThanOrEqual(at.provider.meter.tokens);
  },
  60_000,
);
