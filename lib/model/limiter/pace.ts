import type { Estimate } from './estimate.ts';
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
  /** Of an estimate, the share that calls really use. */
  readonly usedShare: number;
  /** Whether that share is known from calls that have settled. */
  readonly isLearned: boolean;
}

/** A taught limit is a guess from below: its bucket is small, and it may grow. */
const taughtBurst = 5_000;
const usualBurst = 60_000;
export const mostOfTaught = 16;

/**
 * The pace by what the user set, else by what the provider told or taught, else by the table's guess,
 * times the scale.
 */
export function paceOf(row: Row, limits: Limits, guess: Limits): Pace {
  const isTaught = row[names.taught] === 1;
  const scale = Math.min(row[names.scale] ?? 1, isTaught ? mostOfTaught : 1);
  const requests =
    limits.requestsPerMinute ?? row[names.requestLimit] ?? guess.requestsPerMinute ?? 0;
  const tokens = limits.tokensPerMinute ?? row[names.tokenLimit] ?? guess.tokensPerMinute ?? 0;
  const estimated = row[names.estimated] ?? 0;
  const share = estimated === 0 ? 1 : (row[names.used] ?? 0) / estimated;
  return {
    requestMs: requests === 0 ? 0 : 60_000 / (requests * scale),
    tokenMs: tokens === 0 ? 0 : 60_000 / (tokens * scale),
    inFlight: limits.inFlight,
    burstMs: isTaught && limits.requestsPerMinute === undefined ? taughtBurst : usualBurst,
    usedShare: Math.min(1.5, Math.max(0.02, share)),
    isLearned: estimated > 0,
  };
}

/** Tokens to reserve: what such calls use by experience, or the whole estimate before there is any. */
export function reservation({ input, output }: Estimate, pace: Pace): number {
  return Math.max(1, Math.ceil((input + output) * pace.usedShare));
}
