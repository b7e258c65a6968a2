import { describe, expect, test } from 'vitest';
import { CloudgatherError } from '../../lib/errors.ts';
import { ModelError, retryAfterPattern } from '../../lib/model/errors.ts';
import { retryAfterSeconds } from '../../lib/model/retry-after.ts';
import { modelRetry, taskRetry } from '../../lib/model/retry-policy.ts';

describe('a model error', () => {
  const error = new ModelError('Model.RateLimited', 'Too many. Retry after 12 seconds.', {
    provider: 'openai',
    model: 'gpt-5-mini',
    status: 429,
    retryAfter: 12,
  });

  test('is one of ours, under the name that Step Functions matches', () => {
    expect(error).toBeInstanceOf(CloudgatherError);
    expect(error.name).toBe('Model.RateLimited');
    expect(String(error)).toBe('Model.RateLimited: Too many. Retry after 12 seconds.');
  });

  test('goes through JSON and back', () => {
    const back = ModelError.fromJSON(JSON.parse(JSON.stringify(error)));
    expect(back).toBeInstanceOf(ModelError);
    expect(back.toJSON()).toEqual(error.toJSON());
    expect(back.retryAfter).toBe(12);
  });

  test('tells the seconds to wait in words that can be found again', () => {
    expect(retryAfterPattern.exec(error.message)?.[1]).toBe('12');
  });
});

describe('the retry policy', () => {
  test('of a model step is written in the words of Amazon States Language', () => {
    expect(modelRetry).toEqual([
      {
        ErrorEquals: ['Model.Timeout', 'Model.Unavailable'],
        IntervalSeconds: 1,
        BackoffRate: 2,
        MaxAttempts: 2,
        MaxDelaySeconds: 10,
        JitterStrategy: 'FULL',
      },
      ...taskRetry,
    ]);
  });

  test('never tries again what would fail again, or what a Wait brings back', () => {
    const retried = modelRetry.flatMap(({ ErrorEquals }) => ErrorEquals);
    for (const name of [
      'RateLimited',
      'Overloaded',
      'Deferred',
      'Rejected',
      'Unauthorized',
      'QuotaExhausted',
      'Refused',
      'Truncated',
      'OutputInvalid',
      'Aborted',
    ]) {
      expect(retried).not.toContain(`Model.${name}`);
    }
    expect(retried).not.toContain('States.ALL');
    expect(retried).not.toContain('States.TaskFailed');
  });

  test('of a task covers what Lambda itself fails with, throttling included', () => {
    expect(taskRetry.flatMap(({ ErrorEquals }) => ErrorEquals)).toContain(
      'Lambda.TooManyRequestsException',
    );
  });
});

describe('the seconds to wait', () => {
  const headers = (entries: Record<string, string>) => new Headers(entries);

  test.each([
    [{ 'retry-after': '7' }, 7],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '1.2' }, 2],
    [{ 'retry-after': '3600' }, 3600],
    [{ 'retry-after-ms': '1500', 'retry-after': '9' }, 2],
    [{ 'retry-after': 'soon' }, null],
    [{ 'retry-after': '-5' }, null],
    [{ 'retry-after': '1e9' }, null],
    [{ 'retry-after': 'NaN' }, null],
    [{ 'retry-after': 'Infinity' }, null],
    [{ 'retry-after': '31536000' }, 31_536_000],
    [{ 'retry-after': '1000000000' }, null],
    [{ 'retry-after': '99999999999999999999' }, null],
    [{ 'retry-after': '2026-11-23T00:00:42Z', date: 'Mon, 23 Nov 2026 00:00:00 GMT' }, 42],
    [{ 'retry-after': 'Mon Nov 23 00:00:42 2026', date: 'Mon, 23 Nov 2026 00:00:00 GMT' }, 42],
    [
      { 'retry-after': 'Monday, 23-Nov-26 00:00:42 GMT', date: 'Mon, 23 Nov 2026 00:00:00 GMT' },
      42,
    ],
    [{ 'retry-after-ms': '-20', 'retry-after': '9' }, 9],
    [{ 'retry-after-ms': '0.5' }, 1],
    [{ 'x-ratelimit-reset': '12.5' }, 13],
    [{ 'x-ratelimit-reset': '1795392030', date: 'Mon, 23 Nov 2026 00:00:00 GMT' }, 30],
    [{ 'x-ratelimit-reset': '12', 'retry-after': '3' }, 3],
    [{ 'x-ratelimit-reset-requests': '1m0s', 'x-ratelimit-reset-tokens': '6m0s' }, null],
    [{}, null],
  ] as [Record<string, string>, number | null][])('from %j are %s', (entries, expected) => {
    expect(retryAfterSeconds(headers(entries), undefined)).toBe(expected);
  });

  test('to a date are measured by the clock of the server, not by ours', () => {
    const date = 'Wed, 01 Jan 2020 00:00:00 GMT';
    const then = 'Wed, 01 Jan 2020 00:01:30 GMT';
    expect(retryAfterSeconds(headers({ date, 'retry-after': then }), undefined)).toBe(90);
    expect(retryAfterSeconds(headers({ date: then, 'retry-after': date }), undefined)).toBe(0);
  });

  test("are found in Google's body", () => {
    const details = [{ '@type': 'quota' }, { '@type': 'RetryInfo', retryDelay: '34.07s' }];
    expect(retryAfterSeconds(headers({}), { details })).toBe(35);
  });

  test('are found where OpenRouter hands on the moment of its reset', () => {
    const date = 'Mon, 23 Nov 2026 00:00:00 GMT';
    const reset = { 'X-RateLimit-Limit': '20', 'X-RateLimit-Reset': '1795392059500' };
    expect(retryAfterSeconds(headers({ date }), { metadata: { headers: reset } })).toBe(60);
  });

  test.each([
    ['Rate limit reached for gpt-5-mini on tokens per min. Please try again in 20ms. Visit', 1],
    ['Limit 15000, Used 11972, Requested 4351. Please try again in 5.289s. Visit', 6],
    ['Limit 500000, Used 499950. Please try again in 7m12.5s.', 433],
    ['Please try again in 1h2m3s.', 3723],
    ['Rate limit is exceeded. Try again in 12 seconds.', 12],
    ['Requests have exceeded the token rate limit. Please retry after 26 seconds.', 26],
    ['You exceeded your current quota. Please retry in 34.074824224s.', 35],
    ['Please try again in 99999999h.', null],
    ['Please try again later.', null],
  ] as [string, number | null][])('are found in the words %j: %s', (message, expected) => {
    expect(retryAfterSeconds(headers({}), { message })).toBe(expected);
    expect(retryAfterSeconds(headers({ 'retry-after': '8' }), { message })).toBe(8);
  });
});
