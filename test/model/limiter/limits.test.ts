import { describe, expect, test } from 'vitest';
import { estimate } from '../../../lib/model/limiter/estimate.ts';
import { guessedLimits, toldLimits } from '../../../lib/model/limiter/limits.ts';
import { providerNamed } from '../../../lib/model/providers.ts';

describe('limits', () => {
  test.each([
    [
      'openai',
      { 'x-ratelimit-limit-requests': '500', 'x-ratelimit-remaining-requests': '499' },
      { requestsPerMinute: 500, remainingRequests: 499 },
    ],
    [
      'anthropic',
      { 'anthropic-ratelimit-requests-limit': '50', 'anthropic-ratelimit-tokens-limit': '40000' },
      { requestsPerMinute: 50, tokensPerMinute: 40_000 },
    ],
    [
      'groq',
      { 'x-ratelimit-limit-requests': '14400', 'x-ratelimit-limit-tokens': '6000' },
      { tokensPerMinute: 6_000 },
    ],
    ['openai', { 'x-ratelimit-limit-requests': '0' }, {}],
    ['openai', { 'x-ratelimit-limit-requests': 'many' }, {}],
    ['openai', {}, {}],
  ])('of %s are read from the headers %j', (provider, headers, told) => {
    expect(toldLimits(new Headers(headers as Record<string, string>), provider)).toEqual(told);
  });

  test("of the table hold at the provider's own address only", () => {
    const openai = providerNamed('openai');
    expect(guessedLimits(openai, 'https://api.openai.com/v1')).toHaveProperty('requestsPerMinute');
    expect(guessedLimits(openai, 'http://127.0.0.1:4000/v1')).toEqual({});
    expect(guessedLimits(providerNamed('ollama'), 'http://127.0.0.1:11434/v1')).toEqual({});
  });
});

test('the estimate of a call counts its texts, its attachments and the most that it may answer', () => {
  const text = 'x'.repeat(400);
  expect(estimate({ model: 'm', prompt: text, maxOutputTokens: 50 })).toEqual({
    input: 103,
    output: 50,
  });
  const content = [
    { type: 'text', text },
    { type: 'image', url: `data:image/png;base64,${'A'.repeat(90_000)}` },
  ] as const;
  const withImage = estimate({ model: 'm', messages: [{ role: 'user', content }] });
  expect(withImage.input).toBeGreaterThan(1_000);
  expect(withImage.input).toBeLessThan(2_000);
});
