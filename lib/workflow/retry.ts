import { WorkflowInvalid } from '../errors.ts';
import type { Retrier } from '../model/retry-policy.ts';

/** Retry policy in the words of Amazon States Language, with full jitter by default. */
export interface RetryOptions {
  /** Error names to retry: 'Model.RateLimited'. Default: every error ('States.ALL'). */
  readonly on?: readonly string[];
  /** Retries after the first attempt; 0 turns retrying off. Default 3, at most 99,999,999. */
  readonly maxAttempts?: number;
  /** Seconds before the first retry. Default 1. */
  readonly intervalSeconds?: number;
  /** Default 2. */
  readonly backoffRate?: number;
  /** Default 60, or twice the interval where that is more. */
  readonly maxDelaySeconds?: number;
  /** Default 'FULL'. */
  readonly jitter?: 'FULL' | 'NONE';
}

export function retrier(options: RetryOptions): Retrier {
  const { on = ['States.ALL'], maxAttempts = 3, intervalSeconds = 1 } = options;
  const { backoffRate = 2, jitter = 'FULL' } = options;
  const usual = Math.min(Math.max(60, 2 * intervalSeconds), 31_622_399);
  const { maxDelaySeconds = usual } = options;
  const whole = (name: string, value: number, least: number, most: number): void => {
    if (Number.isInteger(value) && value >= least && value <= most) return;
    throw new WorkflowInvalid(
      `retry: ${name} is ${value}. It must be a whole number from ${least} to ${most}.`,
    );
  };
  whole('maxAttempts', maxAttempts, 0, 99_999_999);
  whole('intervalSeconds', intervalSeconds, 1, 31_622_398);
  whole('maxDelaySeconds', maxDelaySeconds, intervalSeconds + 1, 31_622_399);
  if (!(backoffRate >= 1))
    throw new WorkflowInvalid(`retry: backoffRate is ${backoffRate}. It must be at least 1.`);
  return {
    ErrorEquals: on,
    IntervalSeconds: intervalSeconds,
    MaxAttempts: maxAttempts,
    BackoffRate: backoffRate,
    MaxDelaySeconds: maxDelaySeconds,
    JitterStrategy: jitter,
  };
}
