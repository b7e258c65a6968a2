import { describe, expect, onTestFinished, test } from 'vitest';
import { realStorm } from '../../../bench/storm/real.ts';
import { shapes } from '../../../bench/storm/shapes.ts';
import { type StormResult, storm } from '../../../bench/storm/virtual.ts';
import { dynaliteTable } from './dynalite-table.ts';

const tokensBound = { requestsPerMinute: 6_000, tokensPerMinute: 60_000 };
const endsOf = ({ answered }: StormResult) => answered.map((times) => Math.max(...times));

describe('a storm of a thousand branches against 600 requests and 200,000 tokens a minute', () => {
  test.each([1, 2, 3])(
    'loses none, is refused nothing, and is as fast as the buckets, seed %i',
    async (seed) => {
      const result = await storm({ strategy: 'limiter', seed });
      expect(result.failed).toBe(0);
      expect(result.answered[0]).toHaveLength(1_000);
      expect(result.refused / result.asked).toBeLessThanOrEqual(0.02);
      expect(result.makespan / result.limit).toBeLessThanOrEqual(1.15);
      expect(result.transitions / 1_000).toBeLessThan(5);
    },
  );

  test('is bound by tokens where these are scarcer', async () => {
    const result = await storm({ strategy: 'limiter', provider: tokensBound });
    expect(result).toMatchObject({ failed: 0, refused: 0 });
    expect(result.makespan / result.limit).toBeLessThanOrEqual(1.15);
  });

  test.each([
    ['two', { runs: [500, 500] }],
    ['two whose calls begin within a second', { runs: [500, 500], spread: 1 }],
    ['two, of which one begins two seconds later', { runs: [500, 500], after: [0, 2] }],
    ['four', { runs: [300, 300, 300, 300] }],
    ['two that tokens bound', { runs: [400, 400], provider: tokensBound }],
    ['two where no limit is known', { runs: [500, 500], limits: {}, spread: 1 }],
  ] as const)('is shared fairly by equal runs: %s end together', async (_, options) => {
    const result = await storm({ strategy: 'limiter', ...options });
    expect(result.failed).toBe(0);
    const ends = endsOf(result);
    expect(Math.min(...ends) / Math.max(...ends), ends.join(' and ')).toBeGreaterThan(
      'limits' in options ? 0.85 : 0.9,
    );
    const most = 'limits' in options ? 1.25 : 1.15;
    expect(result.makespan / result.limit).toBeLessThanOrEqual(most);
  });

  test('is shared by what calls use: a run of large ones has fewer of them, in proportion', async () => {
    const runs = [400, 400];
    const result = await storm({
      strategy: 'limiter',
      runs,
      sizes: [1, 3],
      provider: tokensBound,
    });
    const [small = [], large = []] = result.answered;
    // Until the small calls are all answered, three of them go for each large one.
    const end = small.at(-1) ?? 0;
    const between = large.filter((at) => at < end).length;
    expect(between / small.length).toBeGreaterThan(0.25);
    expect(between / small.length).toBeLessThan(0.45);
  });

  test('is shared fairly in DynamoDB, too', async () => {
    const { table, close } = await dynaliteTable();
    onTestFinished(close);
    const provider = { requestsPerMinute: 300, tokensPerMinute: 100_000 };
    const result = await storm({ strategy: 'limiter', provider, runs: [250, 250], table });
    expect(result).toMatchObject({ failed: 0, refused: 0 });
    const ends = endsOf(result);
    expect(Math.min(...ends) / Math.max(...ends), ends.join(' and ')).toBeGreaterThan(0.88);
  }, 120_000);

  test('is shared fairly with a run that begins while it is midway', async () => {
    const { answered, failed, refused, asked } = await storm({
      strategy: 'limiter',
      runs: [1_000, 300],
      after: [0, 15],
    });
    expect(failed).toBe(0);
    expect(refused / asked).toBeLessThanOrEqual(0.02);
    const [first = [], second = []] = answered;
    // The calls that had their times reserved before it came go first: two seconds of them at most.
    const end = second.at(-1) ?? 0;
    const between = (times: readonly number[]) =>
      times.filter((at) => at > 20 && at < end - 2).length;
    const [a, b] = [between(first), between(second)];
    expect(b).toBeGreaterThan(50);
    expect(Math.abs(a - b) / (a + b)).toBeLessThan(0.2);
    expect(end).toBeLessThan(first.at(-1) ?? 0);
  });

  test('lets a small run through beside a large one', async () => {
    const { answered } = await storm({ strategy: 'limiter', runs: [1_000, 50] });
    const [large = [], small = []] = answered;
    expect(small).toHaveLength(50);
    expect(small.at(-1)).toBeLessThan((large.at(-1) ?? 0) / 3);
  });

  test.each([1])(
    'is refused little where no limit is known, and is as fast, seed %i',
    async (seed) => {
      let [asked, refused] = [0, 0];
      for (const requestsPerMinute of [300, 450, 600]) {
        const provider = { requestsPerMinute, tokensPerMinute: 1e9 };
        const result = await storm({ strategy: 'limiter', limits: {}, provider, seed, spread: 1 });
        expect(result.failed).toBe(0);
        asked += result.asked;
        refused += result.refused;
        // The first calls are let out slowly, and the last one's answer takes up to 3 seconds.
        expect(result.makespan).toBeLessThan(result.limit * 1.15 + 10);
      }
      expect(refused / asked).toBeLessThanOrEqual(0.03);
    },
    30_000,
  );

  test.each(shapes)(
    'loses none where no limit is known: %s a minute',
    async (_, options) => {
      // The bench has larger ones.
      const calls = Math.min(1_500, options.runs?.[0] ?? 1_000);
      const by = { limits: {}, spread: 1, ...options, runs: [calls] };
      const result = await storm({ strategy: 'limiter', ...by });
      expect(result.failed).toBe(0);
      expect(result.answered[0]).toHaveLength(calls);
      expect(result.refused).toBeLessThanOrEqual(Math.max(1, 0.1 * result.asked));
    },
    30_000,
  );

  test.each([
    [15, 12],
    [100, 30],
  ])(
    'is slowed little by one stray refusal where nothing is limited: %i calls',
    async (calls, seconds) => {
      const provider = { requestsPerMinute: 1e9, tokensPerMinute: 1e12 };
      for (const stray of [3, 8, 15]) {
        const options = { runs: [calls], provider, limits: {}, stray: [stray], spread: 1 };
        const result = await storm({ strategy: 'limiter', ...options });
        expect(result).toMatchObject({ failed: 0, refused: 1 });
        expect(result.makespan).toBeLessThan(seconds);
      }
    },
  );

  test('makes a small fan-out no slower where no limit is known and none is there', async () => {
    const unlimited = { requestsPerMinute: 1e9, tokensPerMinute: 1e12 };
    const options = { runs: [20], provider: unlimited };
    const known = await storm({ strategy: 'limiter', ...options });
    const unknown = await storm({ strategy: 'limiter', ...options, limits: {} });
    expect(unknown.makespan).toBe(known.makespan);
  });

  test.each([
    [
      'the limits are told twice as high as they are',
      { requestsPerMinute: 1_200, tokensPerMinute: 400_000 },
    ],
    ['no limit is known', {}],
  ])('loses none where %s', async (_, limits) => {
    const result = await storm({ strategy: 'limiter', limits, runs: [1_000] });
    expect(result.failed).toBe(0);
    expect(result.answered[0]).toHaveLength(1_000);
  });

  test('is worse by plain retries: a refusal for every second call, and twice the time', async () => {
    const result = await storm({ strategy: 'retry with jitter' });
    expect(result.refused / result.asked).toBeGreaterThan(0.3);
    expect(result.makespan / result.limit).toBeGreaterThan(1.5);
  });
});

describe('a storm in real time, through the local runner and HTTP', () => {
  const provider = { requestsPerMinute: 120, tokensPerMinute: 1_000_000 };

  test('loses none, is refused little, and ends about when the buckets allow', async () => {
    const result = await realStorm({ branches: 140, provider });
    expect(result.status).toBe('SUCCEEDED');
    expect(result.asked - result.refused).toBe(140);
    expect(result.refused).toBeLessThanOrEqual(2);
    expect(result.makespan).toBeGreaterThan(result.limit - 1);
    // Full buckets are handed out over seconds, waits are whole ones, and machines are busy.
    expect(result.makespan).toBeLessThan(result.limit * 1.15 + 10);
  }, 60_000);
});
