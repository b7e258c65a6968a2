import { calcPrice } from '@pydantic/genai-prices';
import { describe, expect, test } from 'vitest';
import priceList from '../../lib/model/price-list.json' with { type: 'json' };
import { priceListDate, priceOf, spendBy, tokenPricesOf } from '../../lib/model/prices.ts';
import { providers } from '../../lib/model/providers.ts';
import { noUsage, usageOf } from '../../lib/model/usage.ts';
import { packageName, priceListText } from './price-source.ts';

function usage(inputTokens: number, outputTokens: number, cachedInputTokens = 0) {
  return { ...noUsage, inputTokens, outputTokens, cachedInputTokens };
}

describe('the price of a call', () => {
  test('is tokens times the rate per million', () => {
    expect(priceOf('openai', 'gpt-5-mini', usage(1_000_000, 1_000_000))).toEqual({ usd: 2.25 });
  });

  test('is lower for input that came from the cache', () => {
    expect(priceOf('openai', 'gpt-5-mini', usage(1_000_000, 0, 1_000_000))).toEqual({ usd: 0.025 });
  });

  test('of a dated name is that of its family', () => {
    const expected = priceOf('openai', 'gpt-5-mini', usage(1000, 1000));
    expect(priceOf('openai', 'gpt-5-mini-2025-08-07', usage(1000, 1000))).toEqual(expected);
    expect(priceOf('anthropic', 'claude-haiku-4-5-20251001', usage(1000, 0))).toEqual({
      usd: 0.001,
    });
  });

  test('rises where the provider charges more for long input', () => {
    expect(priceOf('google', 'gemini-2.5-pro', usage(200_000, 0))).toEqual({ usd: 0.25 });
    expect(priceOf('google', 'gemini-2.5-pro', usage(200_001, 0))?.usd).toBeCloseTo(0.5000025, 9);
  });

  test('is not known for a model or a provider that the list lacks', () => {
    expect(priceOf('openai', 'gpt-99', usage(1, 1))).toBeNull();
    expect(priceOf('nobody', 'gpt-5', usage(1, 1))).toBeNull();
    expect(priceOf('openai', 'toString', usage(1, 1))).toBeNull();
    expect(priceOf('__proto__', 'gpt-5', usage(1, 1))).toBeNull();
  });

  test('is by what the user gives, where that is given, but not against what OpenRouter told', () => {
    const price = { inputPerMillion: 1, outputPerMillion: 10 };
    const spend = { usage: usage(1_000, 100, 500), price: { usd: 9 } };
    expect(spendBy({ price }, spend, 'openai').price).toEqual({ usd: 0.002 });
    const cached = { ...price, cachedInputPerMillion: 0.1 };
    expect(spendBy({ price: cached }, spend, 'openai').price).toEqual({ usd: 0.00155 });
    expect(spendBy({ price }, spend, 'openrouter').price).toEqual({ usd: 9 });
    expect(spendBy({}, spend, 'openai')).toBe(spend);
  });

  test('comes from a dated list of known providers, where cached input is never dearer', () => {
    expect(priceListDate).toMatch(/^20\d\d-\d\d-\d\d$/);
    for (const [provider, models] of Object.entries(priceList)) {
      expect(providers.map(({ name }) => name)).toContain(provider);
      for (const model of Object.keys(models)) {
        const rates = tokenPricesOf(provider, model);
        // The last one holds for any size.
        expect(rates.at(-1)?.upTo, model).toBeUndefined();
        for (const rate of rates) {
          expect(rate.input, model).toBeGreaterThan(0);
          expect(rate.cachedInput, model).toBeLessThanOrEqual(rate.input);
          expect(rate.input, model).toBeLessThanOrEqual(rate.output);
        }
      }
    }
  });

  test('is what the package of prices says: run vitest with -u after an update of it', async () => {
    await expect(priceListText()).toMatchFileSnapshot('../../lib/model/price-list.json');
  });

  test('is the same as the package reckons, for every model and on both sides of a size', () => {
    const timestamp = new Date('2026-09-23T12:00:00Z');
    let compared = 0;
    for (const [provider, models] of Object.entries(priceList)) {
      for (const model of Object.keys(models)) {
        for (const tokens of [1_000, 199_999, 200_000, 200_001, 271_999, 272_001, 900_000]) {
          const tokensOf = { input_tokens: tokens, output_tokens: 500, cache_read_tokens: 100 };
          const theirs = calcPrice(tokensOf, model, {
            providerId: packageName(provider),
            timestamp,
          });
          const ours = priceOf(provider, model, usage(tokens, 500, 100));
          expect(ours?.usd, `${provider}:${model}, ${tokens}`).toBeCloseTo(
            theirs?.total_price ?? -1,
            9,
          );
          compared += 1;
        }
      }
    }
    expect(compared).toBeGreaterThan(2_000);
  });

  test('is not known of a model whose price differs by the hour of the day', () => {
    expect(priceOf('deepseek', 'deepseek-v4-pro', usage(1, 1))).toBeNull();
  });
});

describe('the tokens of a reply', () => {
  test('keep cached input and reasoning apart', () => {
    expect(
      usageOf({
        usage: {
          prompt_tokens: 100,
          completion_tokens: 50,
          total_tokens: 150,
          prompt_tokens_details: { cached_tokens: 80 },
          completion_tokens_details: { reasoning_tokens: 30 },
        },
      }),
    ).toEqual({
      inputTokens: 100,
      outputTokens: 50,
      totalTokens: 150,
      cachedInputTokens: 80,
      reasoningTokens: 30,
    });
  });

  test('count reasoning that a provider adds to the total only', () => {
    expect(
      usageOf({ usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 45 } }),
    ).toMatchObject({ outputTokens: 35, reasoningTokens: 30, totalTokens: 45 });
  });

  test("read DeepSeek's words for the cache", () => {
    expect(
      usageOf({ usage: { prompt_tokens: 10, completion_tokens: 5, prompt_cache_hit_tokens: 8 } }),
    ).toMatchObject({ cachedInputTokens: 8, totalTokens: 15 });
  });

  test.each([
    undefined,
    null,
    'x',
    { usage: null },
    { usage: { prompt_tokens: -1 } },
    { usage: { prompt_tokens: 1.5, completion_tokens: 'a' } },
  ])('are not known from %j', (reply) => {
    expect(usageOf(reply)).toBeNull();
  });
});
