import { describe, expect, test } from 'vitest';
import {
  growingDrain,
  type Learning,
  learnedFrom,
  learningOf,
  observed,
} from '../../../lib/model/limiter/learning.ts';
import { names } from '../../../lib/model/limiter/names.ts';

const now = 1_000_000_000;
const fresh = learningOf({}, now);
const busy = { [names.pacing]: now };
const drained: Learning = { ...fresh, learned: 300, perMinute: 330, isDrained: true };

describe('the pace where no limit is known', () => {
  test('begins modestly, and grows by each call that is let through', () => {
    expect(fresh).toMatchObject({ perMinute: 1_500, learned: 0 });
    const later = learningOf({ ...busy, [names.passed]: 1_000 }, now);
    expect(later.perMinute).toBeCloseTo(3_300);
  });

  test('begins anew when nobody called for five seconds', () => {
    const row = { ...busy, [names.passed]: 1_000 };
    expect(learningOf(row, now + 4_000).anew).toBeUndefined();
    expect(learningOf(row, now + 5_000)).toMatchObject({ perMinute: 1_500, anew: {} });
  });

  test('learns from a first refusal as if a full bucket of a minute had been emptied', () => {
    const row = { ...fresh.anew, [names.passed]: 661 };
    const seen = observed(row, now + 6_000);
    expect(seen).toBeCloseTo(600);
    expect(learnedFrom(fresh, seen, 1, now + 6_000)).toMatchObject({
      [names.requestLimit]: 600,
      [names.taught]: 1,
    });
  });

  test('takes no first lesson that is slower than the Retry-After allows', () => {
    expect(learnedFrom(fresh, 8, 1, now)).toMatchObject({ [names.requestLimit]: 60 });
    expect(learnedFrom(fresh, 8, 30, now)).toMatchObject({ [names.requestLimit]: 8 });
    expect(learnedFrom(fresh, 8, 0, now)).toMatchObject({ [names.requestLimit]: 60 });
  });

  test('measures between two refusals, and falls by a third at most where that says less', () => {
    expect(learnedFrom(drained, 302, 1, now)).toMatchObject({
      [names.requestLimit]: 302,
      [names.taught]: 2,
    });
    expect(learnedFrom(drained, 60, 1, now)).toMatchObject({ [names.requestLimit]: 231 });
  });

  test('stays near what was measured for a while, then looks for more', () => {
    const at = (passed: number) =>
      learningOf(
        { ...busy, [names.requestLimit]: 600, [names.taught]: 2, [names.passed]: passed },
        now,
      ).perMinute;
    expect(at(0)).toBeCloseTo(570);
    expect(at(120)).toBeCloseTo(600);
    expect(at(480)).toBeGreaterThan(2_000);
    expect(at(1_000_000)).toBe(4_800);
  });

  test('gives what a rest has saved, and no more, at the pace of the beginning', () => {
    const row = { ...busy, [names.requestLimit]: 60, [names.taught]: 2 };
    const rested = learningOf(row, now + 30_000);
    expect(rested).toMatchObject({ perMinute: 1_500, anew: { [names.credit]: 30 } });
    const used = learningOf({ ...row, ...rested.anew, [names.passed]: 30 }, now);
    expect(used.perMinute).toBeCloseTo(57);
  });

  test('tells a line how long it takes while the pace grows', () => {
    expect(growingDrain(1_000, fresh)).toBeLessThan(1_000 * 40 * 0.7);
    expect(growingDrain(100, { ...drained, growth: 0, perMinute: 60 })).toBe(100_000);
  });
});
