import { describe, expect, test } from 'vitest';
import { storm } from '../../../bench/storm.ts';

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
    const provider = { requestsPerMinute: 6_000, tokensPerMinute: 60_000 };
    const result = await storm({ strategy: 'limiter', provider });
    expect(result).toMatchObject({ failed: 0, refused: 0 });
    expect(result.makespan / result.limit).toBeLessThanOrEqual(1.15);
  });

  test('is shared fairly by two runs at once', async () => {
    const { answered, failed } = await storm({ strategy: 'limiter', runs: [500, 500] });
    expect(failed).toBe(0);
    // While both have calls that wait, after the first seconds, each has half of what goes.
    const between = answered.map((times) => times.filter((at) => at > 5 && at < 25).length);
    const [a = 0, b = 0] = between;
    expect(Math.abs(a - b) / (a + b)).toBeLessThan(0.15);
  });

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
