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

const waitItOut: readonly ModelErrorName[] = ['Model.RateLimited', 'Model.Overloaded'];
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
 * For a model step. A provider that is full is asked up to eight times over some minutes; a call that
 * broke is made twice more, because each may have been paid for. Full jitter, so that the branches of
 * a fan-out do not come back together. Every other `Model.*` error fails at once: another try would
 * give the same answer, or spend the same money.
 */
export const modelRetry: readonly Retrier[] = [
  {
    ErrorEquals: waitItOut,
    IntervalSeconds: 2,
    BackoffRate: 2,
    MaxAttempts: 8,
    MaxDelaySeconds: 60,
    JitterStrategy: 'FULL',
  },
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
