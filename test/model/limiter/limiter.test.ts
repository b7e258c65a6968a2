import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Grant, Limiter, type Wait, type Wish } from '../../../lib/model/limiter/limiter.ts';
import { memoryTable } from '../../../lib/model/limiter/memory-table.ts';
import { type LimiterTable, TableBusy } from '../../../lib/model/limiter/table.ts';
import { TokenBucket } from '../../../lib/testing/token-bucket.ts';

const wish: Wish = {
  key: 'openai:m',
  run: 'r',
  place: undefined,
  ticket: undefined,
  estimate: { input: 10, output: 90 },
  limits: {},
  guess: {},
};

/** A limiter on a clock that the test turns. */
function limiterAt(table: LimiterTable = memoryTable()) {
  const clock = { now: 1_000_000 };
  const limiter = new Limiter(table, { now: () => clock.now, random: () => 0 });
  return {
    clock,
    limiter,
    ask: (more: Partial<Wish> = {}) => limiter.reserve({ ...wish, ...more }),
    /** Grants as many as it can get at once. */
    async drain(more: Partial<Wish> = {}): Promise<readonly Grant[]> {
      const granted: Grant[] = [];
      for (;;) {
        const next = await limiter.reserve({ ...wish, ...more });
        if (!next.granted) return granted;
        granted.push(next);
      }
    },
  };
}

const isGranted = (answer: Grant | Wait): answer is Grant => answer.granted;

describe('a limiter', () => {
  test('lets a small fan-out go at once where no limit is known', async () => {
    const { ask } = limiterAt();
    for (let call = 0; call < 20; call++) expect((await ask()).granted).toBe(true);
    expect(await ask()).toMatchObject({ granted: false, seconds: 1 });
  });

  test('makes a call wait for no limit where the user bounds the calls in flight instead', async () => {
    const { ask } = limiterAt();
    const limits = { inFlight: 100 };
    for (let call = 0; call < 100; call++) expect((await ask({ limits })).granted).toBe(true);
  });

  test('makes one update for a call that goes, and one more when it settles', async () => {
    let changes = 0;
    const memory = memoryTable();
    const { ask, limiter } = limiterAt({
      change: (key, change) => {
        changes += 1;
        return memory.change(key, change);
      },
    });
    const limits = { requestsPerMinute: 600 };
    for (let call = 0; call < 10; call++) {
      const grant = await ask({ limits });
      if (isGranted(grant)) await limiter.settle(grant, { tokens: 50, latencyMs: 5 });
    }
    expect(changes).toBe(20);
  });

  test('sends a call away with a ticket, and lets it in when it comes back with it', async () => {
    const { ask, drain, clock } = limiterAt();
    const limits = { requestsPerMinute: 60 };
    await drain({ limits });
    const away = (await ask({ limits })) as Wait;
    expect(away).toMatchObject({ granted: false, seconds: expect.any(Number) });
    clock.now += away.seconds * 1000;
    const back = await ask({ limits, place: away.place, ticket: away.ticket });
    expect(back.granted).toBe(true);
  });

  test('closes the door for all when a provider refuses a call, for exactly as long as it says', async () => {
    const { ask, limiter, clock } = limiterAt();
    const limits = { requestsPerMinute: 600 };
    const grant = (await ask({ limits })) as Grant;
    expect(await limiter.refused(grant, 90, true)).toMatchObject({ seconds: 90 });
    const other = (await ask({ limits, run: 'other' })) as Wait;
    expect(other).toMatchObject({ granted: false });
    expect(other.seconds).toBeGreaterThanOrEqual(80);
    clock.now += 89_000;
    const { ticket } = (await ask({ limits, place: 0 })) as Wait;
    expect(ticket).toBeDefined();
    clock.now += 1_000;
    expect((await ask({ limits, ticket })).granted).toBe(true);
    expect((await ask({ limits, place: 0 })).granted).toBe(false);
  });

  test('lets calls come back in waves after a refusal, each as large as what was taken before it', async () => {
    const { limiter, ask, clock } = limiterAt();
    const limits = { requestsPerMinute: 60_000 };
    await limiter.refused((await ask({ limits })) as Grant, 20, true);
    const waits: Wait[] = [];
    for (let call = 0; call < 15; call++) waits.push((await ask({ limits })) as Wait);
    const told = waits.map(({ seconds }) => seconds);
    // The refused call goes when the door opens; behind it come 1, 2, 4, ... of the others.
    expect(told).toEqual([20, ...Array(2).fill(40), ...Array(4).fill(60), ...Array(8).fill(80)]);
    clock.now += 20_000;
    const first = (await ask({ limits, place: 0 })) as Grant;
    expect(first.granted).toBe(true);
    expect(await ask({ limits, place: 1 })).toMatchObject({ granted: false, seconds: 20 });
    // The provider has taken it: the next ones need not wait for its answer.
    await limiter.taken(first);
    for (const place of [1, 2]) {
      clock.now += 1_000;
      expect((await ask({ limits, place })).granted).toBe(true);
    }
  });

  test('tries a provider no longer that has refused nothing for a minute', async () => {
    const { limiter, ask, clock } = limiterAt();
    const limits = { requestsPerMinute: 60_000 };
    await limiter.refused((await ask({ limits })) as Grant, 20, true);
    clock.now += 20_000;
    expect((await ask({ limits, place: 0 })).granted).toBe(true);
    expect((await ask({ limits })).granted).toBe(false);
    clock.now += 60_000;
    for (let call = 0; call < 15; call++) expect((await ask({ limits })).granted).toBe(true);
  });

  test('tells nobody a long wait by what one call has used, only by what ten have', async () => {
    const { ask, drain, limiter } = limiterAt();
    const limits = { tokensPerMinute: 6_000 };
    const granted = await drain({ limits });
    const [first, ...others] = granted;
    for (let call = 0; call < 100; call++) await ask({ limits });
    await limiter.settle(first!, { tokens: 150 });
    // Behind a hundred calls of 1.5 s of refilling each.
    expect(await ask({ limits })).toMatchObject({ seconds: expect.closeTo(7, -1) });
    for (const grant of others.slice(0, 9)) await limiter.settle(grant, { tokens: 150 });
    const { seconds } = (await ask({ limits })) as Wait;
    expect(seconds).toBeGreaterThan(60);
  });

  test('lets the refused call go as soon as its Retry-After is over', async () => {
    const { ask, limiter, clock } = limiterAt();
    const limits = { requestsPerMinute: 600, tokensPerMinute: 20_000 };
    await limiter.refused((await ask({ limits })) as Grant, 90, true);
    clock.now += 90_000;
    expect((await ask({ limits, place: 0 })).granted).toBe(true);
    expect((await ask({ limits, place: 0 })).granted).toBe(false);
  });

  test('lowers the rate once for all calls of one storm, and raises it by successes', async () => {
    const { limiter, ask, clock } = limiterAt();
    const limits = { requestsPerMinute: 600 };
    const storm = await Promise.all(Array.from({ length: 5 }, () => ask({ limits })));
    for (const grant of storm) if (isGranted(grant)) await limiter.refused(grant, 1, true);
    clock.now += 120_000;
    const after = (await ask({ limits })) as Grant;
    expect(after.pace.requestMs).toBeCloseTo(100 / 0.7, 1);
    for (let call = 0; call < 40; call++) {
      clock.now += 1_000;
      const grant = await ask({ limits });
      if (isGranted(grant)) await limiter.settle(grant, { tokens: 5, latencyMs: 5 });
    }
    expect(((await ask({ limits })) as Grant).pace.requestMs).toBeCloseTo(100, 1);
  });

  test('does not lower the rate where a provider only has no capacity', async () => {
    const { limiter, ask, clock } = limiterAt();
    const limits = { requestsPerMinute: 600 };
    await limiter.refused((await ask({ limits })) as Grant, 3, false);
    clock.now += 120_000;
    expect(((await ask({ limits })) as Grant).pace.requestMs).toBeCloseTo(100, 1);
  });

  test('honours no ticket from before a refusal', async () => {
    const { ask, drain, limiter, clock } = limiterAt();
    const limits = { requestsPerMinute: 60 };
    const [first] = await drain({ limits });
    const away = (await ask({ limits })) as Wait;
    await limiter.refused(first!, 60, true);
    clock.now += away.seconds * 1000;
    expect((await ask({ limits, ticket: away.ticket })).granted).toBe(false);
  });

  test("takes the account's limits from the provider's headers, unless the user set some", async () => {
    const { ask, limiter } = limiterAt();
    const told = { requestsPerMinute: 6_000, tokensPerMinute: 1_000_000 };
    const grant = (await ask({ guess: { requestsPerMinute: 60 } })) as Grant;
    expect(grant.pace.requestMs).toBe(1_000);
    await limiter.settle(grant, { tokens: 50, latencyMs: 5, told });
    expect(((await ask({ guess: { requestsPerMinute: 60 } })) as Grant).pace.requestMs).toBe(10);
    const own = await ask({ limits: { requestsPerMinute: 600 } });
    expect((own as Grant).pace.requestMs).toBe(100);
  });

  test('heeds that others use the same account: what the provider says is left counts', async () => {
    const { ask, limiter, drain } = limiterAt();
    const told = { requestsPerMinute: 600, remainingRequests: 5 };
    await limiter.settle((await ask()) as Grant, { tokens: 50, latencyMs: 5, told });
    expect((await drain()).length).toBeLessThanOrEqual(5);
  });

  test('forgets what it learned as soon as a provider tells its limits', async () => {
    const { ask, limiter, clock } = limiterAt();
    await limiter.refused((await ask()) as Grant, 1, true);
    clock.now += 3_000;
    const grant = (await ask({ place: 0 })) as Grant;
    const told = { requestsPerMinute: 6_000, tokensPerMinute: 1_000_000 };
    await limiter.settle(grant, { tokens: 50, latencyMs: 5, told });
    clock.now += 5_000;
    const { pace } = (await ask({ place: 0 })) as Grant;
    expect(pace.requestMs).toBe(10);
    expect(pace.learning).toBeUndefined();
  });

  test('keeps the calls in flight within their limit, and forgets those that never settle', async () => {
    const { ask, limiter, clock } = limiterAt();
    const limits = { inFlight: 3 };
    const grants: Grant[] = [];
    for (let call = 0; call < 40; call++) {
      const answer = await ask({ limits, place: 0 });
      if (isGranted(answer)) grants.push(answer);
      clock.now += 500;
    }
    expect(grants).toHaveLength(3);
    await limiter.settle(grants[0]!, { tokens: 1, latencyMs: 500 });
    clock.now += 2_000;
    expect((await ask({ limits, place: 0 })).granted).toBe(true);
    clock.now += 3_600_000;
    expect((await ask({ limits, place: 0 })).granted).toBe(true);
  });

  test('answers a busy table with a short wait, and keeps what the call had', async () => {
    const { ask } = limiterAt({ change: () => Promise.reject(new TableBusy()) });
    const ticket = { epoch: 0, tokens: 5 };
    expect(await ask({ place: 7, ticket })).toEqual({
      granted: false,
      seconds: 1,
      place: 7,
      ticket,
    });
  });
});

interface Arrival {
  readonly at: number;
  readonly run: string;
  readonly output: number;
}

/** Calls that come, wait as they are told, and use half of their estimate; in virtual time. */
async function simulate(arrivals: readonly Arrival[], rpm: number, tpm: number) {
  const { clock, limiter } = limiterAt();
  const bucket = new TokenBucket({ requestsPerMinute: rpm, tokensPerMinute: tpm }, () => clock.now);
  const start = clock.now;
  const agenda: { at: number; act: () => Promise<void> }[] = [];
  const later = (delay: number, act: () => Promise<void>) =>
    agenda.push({ at: clock.now + delay, act });
  const waits: number[] = [];
  let refused = 0;
  const come = async (call: Wish, count: number): Promise<void> => {
    const answer = await limiter.reserve(call);
    if (!answer.granted) {
      const { place, ticket } = answer;
      later(answer.seconds * 1000, () => come({ ...call, place, ticket }, count + 1));
      return;
    }
    const tokens = Math.ceil((call.estimate.input + call.estimate.output) / 2);
    if (bucket.take(tokens) !== null) refused += 1;
    waits.push(count);
    later(300, () => limiter.settle(answer, { tokens, latencyMs: 300 }));
  };
  const limits = { requestsPerMinute: rpm, tokensPerMinute: tpm };
  for (const { at, run, output } of arrivals) {
    const call = { ...wish, run, limits, estimate: { input: 20, output } };
    agenda.push({ at: start + at, act: () => come(call, 0) });
  }
  while (agenda.length > 0) {
    agenda.sort((a, b) => a.at - b.at);
    const next = agenda.shift()!;
    clock.now = Math.max(clock.now, next.at);
    await next.act();
  }
  return { refused, waits, seconds: (clock.now - start) / 1000 };
}

test('whatever comes when: nobody is lost, nobody starves, and the provider refuses nobody', async () => {
  const arrivals = fc.array(
    fc.record({
      at: fc.nat(20_000),
      run: fc.constantFrom('a', 'b', 'c'),
      output: fc.integer({ min: 20, max: 400 }),
    }),
    { minLength: 1, maxLength: 120 },
  );
  await fc.assert(
    fc.asyncProperty(
      arrivals,
      fc.integer({ min: 20, max: 2_000 }),
      fc.integer({ min: 4_000, max: 200_000 }),
      async (calls, rpm, tpm) => {
        const { refused, waits } = await simulate(calls, rpm, tpm);
        expect(waits).toHaveLength(calls.length);
        expect(refused).toBe(0);
        expect(Math.max(...waits)).toBeLessThan(40);
      },
    ),
    { numRuns: 40, seed: 20261122 },
  );
});
