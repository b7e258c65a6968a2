import type { ModelErrorName } from './errors.ts';

/** One entry of a state's `Retry`, in Amazon States Language's own words. Plain data. */
export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly BackoffRate: number;
  readonly MaxAttempts: number;
  readonly MaxDelaySeconds: number;
  readonly JitterStrategy: 'FULL' | 'NONE';
}

const tryAgain: readonly ModelErrorName[] = ['Model.Timeout', 'Model.Unavailable'];

/**
 * For any Lambda task: the service's own failures, where the handler may not even have run. AWS's list
 * ("Handle transient Lambda service exceptions"), with `Lambda.TooManyRequestsException`, which CDK's
 * default omits and a fan-out meets first.
 */
export const taskRetry: readonly Retrier[] = [
  {
    ErrorEquals: [
      'Lambda.ServiceException',
      'Lambda.AWSLambdaException',
      'Lambda.SdkClientException',
      'Lambda.TooManyRequestsException',
    ],
    IntervalSeconds: 1,
    BackoffRate: 2,
    MaxAttempts: 6,
    MaxDelaySeconds: 30,
    JitterStrategy: 'FULL',
  },
];

/**
 * For a model step. A call that broke is made twice more, because each may have been paid for. Full
 * jitter, so that the branches of a fan-out do not come back together. Every other `Model.*` error fails
 * at once: another try would give the same answer, or spend the same money.
 *
 * A provider that is full ('Model.RateLimited', 'Model.Overloaded') is not in here: the intervals of a
 * Retry are fixed when the document is written, and the provider says when to come back. See turn.ts.
 */
export const modelRetry: readonly Retrier[] = [
  {
    ErrorEquals: tryAgain,
    IntervalSeconds: 1,
    BackoffRate: 2,
    MaxAttempts: 2,
    MaxDelaySeconds: 10,
    JitterStrategy: 'FULL',
  },
  ...taskRetry,
];
