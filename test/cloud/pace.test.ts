import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createPace } from '../../lib/cloud/pace.ts';
import { createPauses } from '../../lib/cloud/poll.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('lets a burst through at once and holds back what comes faster than the refill', async () => {
  const pace = createPace(1000, 3);
  let through = 0;
  const all = Array.from({ length: 5 }, () => pace().then(() => (through += 1)));
  await new Promise(setImmediate);
  expect(through).toBe(3);
  await Promise.all(all);
  expect(through).toBe(5);
});

it('gives the burst back after a rest', async () => {
  const pace = createPace(10, 2);
  await Promise.all([pace(), pace()]);
  vi.advanceTimersByTime(200);
  const stop = AbortSignal.abort();
  await Promise.all([pace(stop), pace(stop)]);
  await expect(pace(stop)).rejects.toThrow(/aborted/);
});

it('pauses longer while nothing happens, never beyond the maximum, and ends at a signal', async () => {
  vi.useRealTimers();
  const pauses = createPauses({ min: 4, max: 16 });
  const begun = performance.now();
  for (let i = 0; i < 4; i += 1) await pauses.wait();
  // 4 + 8 + 16 + 16 at most, half of that at least; a timer may be a millisecond early each time.
  expect(performance.now() - begun).toBeGreaterThanOrEqual(18);
  await expect(createPauses({ min: 60_000 }).wait(AbortSignal.abort())).rejects.toThrow(/aborted/);
});
