import { names } from './names.ts';
import type { Row } from './table.ts';

/**
 * The pace where no limit is known: nobody has set one, no header tells one, no table guesses one. It
 * begins modestly, grows while calls are let through, and learns from refusals, as TCP does.
 *
 * Between two refusals the provider's bucket goes from empty to empty, so what it let through meanwhile is
 * its rate. Before the first one it may have been full, and it is taken to hold a minute's refilling.
 */
export interface Learning {
  readonly perMinute: number;
  /** What refusals have taught; 0: there was none yet. */
  readonly learned: number;
  /** The last refusal is so near that the provider's bucket has been empty since. */
  readonly isDrained: boolean;
  /** How much faster each call that goes makes it: calls a second. */
  readonly growth: number;
  /** Present where the calls of before are long over, and counting begins anew. */
  readonly anew?: Row;
}

/** Calls at once, calls a second at first, and how much each call that is let through adds. */
const firstCalls = 20;
const firstPace = 25;
const firstGrowth = 0.03;
/**
 * So much a call adds after a first refusal, whose lesson is a guess from below: the surer, the faster it
 * is, since more calls taught it.
 */
const guessGrowth = 0.3;
/** Where the rate was measured, the pace begins below it, is at it after so many calls, then looks above. */
const below = 0.05;
const fewest = 60;
const secondsToRate = 6;
const mostGrown = 8;
/** Nobody called for so long: the provider's bucket has filled up meanwhile, at most by a minute's calls. */
const idle = 5_000;
const fullBucket = 60_000;
/** Of the pace that was refused. */
const lowered = 0.7;

/** How much refilling the bucket holds, in milliseconds: 20 calls at first, and no less than one. */
export function learningBurst({ learned, perMinute }: Learning): number {
  return Math.max(learned === 0 ? (firstCalls * 1_000) / firstPace : 1_000, 60_000 / perMinute);
}

export function learningOf(row: Row, now: number): Learning {
  const fullAt = row[names.pacing];
  const learned = row[names.taught] === undefined ? 0 : (row[names.requestLimit] ?? 0);
  const isAnew = fullAt === undefined || fullAt + idle <= now;
  const passed = isAnew ? 0 : (row[names.passed] ?? 0);
  if (!isAnew) return paced(passed, learned, row[names.credit] ?? 0, row[names.taught] === 1);
  const saved = Math.min(fullBucket, learned === 0 ? fullBucket : now - (fullAt ?? 0));
  const credit = Math.floor((learned * saved) / 60_000);
  const anew = { [names.since]: now - saved, [names.credit]: credit };
  return { ...paced(0, learned, credit, row[names.taught] === 1), anew };
}

function paced(passed: number, learned: number, credit: number, isGuess: boolean): Learning {
  if (learned === 0 || passed < credit) {
    const perMinute = Math.max(learned, 60 * (firstPace + firstGrowth * passed));
    return { perMinute, learned, isDrained: false, growth: firstGrowth };
  }
  const beyond = passed - credit;
  const isDrained = credit === 0;
  if (isGuess) {
    const growth = guessGrowth / Math.sqrt(Math.max(1, learned / 60));
    return { perMinute: learned + 60 * growth * beyond, learned, isDrained, growth };
  }
  const part = beyond / (fewest + (secondsToRate * learned) / 60);
  const grown = Math.min(mostGrown, 1 - below + below * part ** 3);
  return { perMinute: learned * grown, learned, isDrained, growth: 0 };
}

/**
 * Calls a minute that the provider's bucket has let through, as a call sees it that goes now: its rate,
 * should the call be refused.
 */
export function observed(row: Row, now: number): number {
  const before = Math.max(0, (row[names.passed] ?? 0) - 1);
  return (60_000 * before) / Math.max(1_000, now - (row[names.since] ?? now));
}

/**
 * What a refusal teaches. A first one that comes after a few calls may be a stray one: the bucket has a
 * call again after the Retry-After, so it is no slower than that.
 * @param seconds the Retry-After
 */
export function learnedFrom(
  { learned, isDrained, perMinute }: Learning,
  seen: number,
  seconds: number,
  at: number,
): Row {
  const atLeast =
    learned === 0 ? 60 / Math.max(1, seconds) : lowered * (isDrained ? perMinute : learned);
  return {
    [names.requestLimit]: Math.max(1, Math.round(Math.max(seen, atLeast))),
    [names.taught]: learned === 0 ? 1 : 2,
    [names.since]: at,
    [names.passed]: 0,
    [names.credit]: 0,
  };
}

/** How long so many calls take while each makes the next ones faster, in milliseconds. */
export function growingDrain(calls: number, { perMinute, growth }: Learning): number {
  if (growth === 0) return (calls * 60_000) / perMinute;
  return (Math.log1p((growth * calls * 60) / perMinute) / growth) * 1_000;
}
