import type { Json, JsonObject } from '../json.ts';

/** One retrier, its defaults filled in (ASL: 1 second, 3 attempts, backoff 2). */
export interface Retrier {
  readonly errorEquals: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds: number;
  readonly fullJitter: boolean;
}

/** How often a visit has been retried: in all, and by each retrier. */
export class RetryTally {
  count = 0;
  readonly #byRetrier = new Map<Retrier, number>();

  /** How often this retrier has been used. */
  of(retrier: Retrier): number {
    return this.#byRetrier.get(retrier) ?? 0;
  }

  add(retrier: Retrier): void {
    this.count++;
    this.#byRetrier.set(retrier, this.of(retrier) + 1);
  }
}

/** Compiles a state's `Retry`. */
export function compileRetriers(retry: Json | undefined): readonly Retrier[] {
  if (!Array.isArray(retry)) return [];
  return (retry as readonly JsonObject[]).map((retrier) => ({
    errorEquals: retrier.ErrorEquals as readonly string[],
    intervalSeconds: numberOr(retrier.IntervalSeconds, 1),
    maxAttempts: numberOr(retrier.MaxAttempts, 3),
    backoffRate: numberOr(retrier.BackoffRate, 2),
    maxDelaySeconds: numberOr(retrier.MaxDelaySeconds, Number.POSITIVE_INFINITY),
    fullJitter: retrier.JitterStrategy === 'FULL',
  }));
}

function numberOr(value: Json | undefined, other: number): number {
  return typeof value === 'number' ? value : other;
}

/**
 * Whether an error name is one of `ErrorEquals`. `States.ALL` is any error, `States.TaskFailed` any but
 * `States.Timeout`. `States.Runtime` is none of them, not even by its own name: recordings show that it
 * always fails the execution.
 */
export function matchesError(errorEquals: readonly string[], error: string | undefined): boolean {
  if (error === 'States.Runtime') return false;
  return errorEquals.some(
    (name) =>
      name === error ||
      name === 'States.ALL' ||
      (name === 'States.TaskFailed' && error !== 'States.Timeout') ||
      (name === 'States.Timeout' && error === 'States.HeartbeatTimeout'),
  );
}

/** The retrier that takes an error, if it has attempts left. The first that names the error decides. */
export function retrierFor(
  retriers: readonly Retrier[],
  tally: RetryTally | undefined,
  error: string | undefined,
): Retrier | undefined {
  const retrier = retriers.find(({ errorEquals }) => matchesError(errorEquals, error));
  return retrier && (tally?.of(retrier) ?? 0) < retrier.maxAttempts ? retrier : undefined;
}

/** Milliseconds before the retry that follows `used` earlier ones; `random` is for full jitter. */
export function retryDelay(retrier: Retrier, used: number, random: () => number): number {
  const seconds = Math.min(
    retrier.intervalSeconds * retrier.backoffRate ** used,
    retrier.maxDelaySeconds,
  );
  return 1000 * (retrier.fullJitter ? seconds * random() : seconds);
}
