import type { StormOptions } from './virtual.ts';

/** Providers of every shape: what the limiter makes of them where nobody has told it a limit. */
export const shapes: readonly (readonly [string, Omit<StormOptions, 'strategy'>])[] = [
  ['600 requests, 200,000 tokens', {}],
  ['60 requests', { provider: { requestsPerMinute: 60, tokensPerMinute: 1e9 }, runs: [200] }],
  [
    '10,000 requests',
    {
      provider: { requestsPerMinute: 10_000, tokensPerMinute: 1e9, burstSeconds: 15 },
      runs: [5_000],
    },
  ],
  ['60,000 tokens', { provider: { requestsPerMinute: 6_000, tokensPerMinute: 60_000 } }],
  [
    '600 requests, 10 at once',
    { provider: { requestsPerMinute: 600, tokensPerMinute: 1e9, burstSeconds: 1 } },
  ],
  [
    '600 requests, then 200',
    {
      change: {
        after: 20,
        provider: { requestsPerMinute: 200, tokensPerMinute: 1e9, burstSeconds: 1 },
      },
    },
  ],
  [
    '200 requests, then 1,200',
    {
      provider: { requestsPerMinute: 200, tokensPerMinute: 1e9 },
      change: {
        after: 20,
        provider: { requestsPerMinute: 1_200, tokensPerMinute: 1e9, burstSeconds: 1 },
      },
    },
  ],
  ['unlimited', { provider: { requestsPerMinute: 1e9, tokensPerMinute: 1e12 } }],
  ['unlimited', { provider: { requestsPerMinute: 1e9, tokensPerMinute: 1e12 }, runs: [20] }],
  ['unlimited', { provider: { requestsPerMinute: 1e9, tokensPerMinute: 1e12 }, runs: [100] }],
  [
    'unlimited, one stray 429',
    { provider: { requestsPerMinute: 1e9, tokensPerMinute: 1e12 }, runs: [15], stray: [8] },
  ],
];
