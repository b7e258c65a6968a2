import type { Estimate } from './estimate.ts';
import { type Learning, learningBurst, learningOf } from './learning.ts';
import type { Limits } from './limits.ts';
import { names } from './names.ts';
import type { Row } from './table.ts';

/** How fast calls may go now, in milliseconds of refilling that each takes out of the buckets. */
export interface Pace {
  /** One request. 0: requests are not limited. */
  readonly requestMs: number;
  /** One token. 0: tokens are not limited. */
  readonly tokenMs: number;
  readonly inFlight: number | undefined;
  /** How much refilling a bucket holds: a minute's, as the providers' own buckets do. */
  readonly burstMs: number;
  /** Of tokens a little less: what calls use is not what was reserved for them, now more and now less. */
  readonly tokenBurstMs: number;
  /** Of an estimate, the share that calls really use. */
  readonly usedShare: number;
  /** The estimates, summed, of the calls that this is known from. */
  readonly estimated: number;
  /** Present where no limit is known. */
  readonly learning?: Learning;
}

const usualBurst = 60_000;
const tokenBurst = 59_000;

/**
 * The pace by what the user set, else by what the provider told, else by the table's guess, times the
 * scale. Where none is known, it is learned.
 */
export function paceOf(row: Row, now: number, limits: Limits, guess: Limits): Pace {
  const scale = Math.min(row[names.scale] ?? 1, 1);
  const told = row[names.taught] === undefined ? row[names.requestLimit] : undefined;
  const requests = limits.requestsPerMinute ?? told ?? guess.requestsPerMinute ?? 0;
  const tokens = limits.tokensPerMinute ?? row[names.tokenLimit] ?? guess.tokensPerMinute ?? 0;
  const estimated = row[names.estimated] ?? 0;
  const share = estimated === 0 ? 1 : (row[names.used] ?? 0) / estimated;
  const known = {
    requestMs: requests === 0 ? 0 : 60_000 / (requests * scale),
    tokenMs: tokens === 0 ? 0 : 60_000 / (tokens * scale),
    inFlight: limits.inFlight,
    burstMs: usualBurst,
    tokenBurstMs: tokenBurst,
    usedShare: Math.min(1.5, Math.max(0.02, share)),
    estimated,
  };
  if (requests > 0 || tokens > 0) return known;
  const learning = learningOf(row, now);
  // The user's own bound of calls in flight is enough until the provider refuses one.
  if (learning.learned === 0 && limits.inFlight !== undefined) return known;
  const requestMs = 60_000 / learning.perMinute;
  return { ...known, learning, requestMs, burstMs: learningBurst(learning) };
}

/** One call that used more than others, or less, must not tell a thousand how long they wait. */
const enough = 10;

/** Whether it is known what calls like this one really use. */
export function isLearned({ estimated }: Pace, { input, output }: Estimate): boolean {
  return estimated >= enough * (input + output);
}

/** Tokens to reserve: what such calls use by experience, or the whole estimate before there is any. */
export function reservation({ input, output }: Estimate, pace: Pace): number {
  return Math.max(1, Math.ceil((input + output) * pace.usedShare));
}
