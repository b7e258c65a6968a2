import type { ModelRequest } from './request.ts';
import type { Price, Usage } from './result.ts';
import type { Spend } from './spend.ts';

/**
 * The day on which the providers' price pages said this, where a list says no other. Prices change:
 * compare before you budget, or give `price` to the model.
 */
export const priceListDate = '2026-04-15';

/** US dollars per million tokens. */
export interface TokenPrice {
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
  /** The rate holds for calls with at most this many input tokens; then the next rate, or none. */
  readonly upTo?: number;
}

/** A price that the user gives, in US dollars per million tokens: it takes the place of the list's. */
export interface GivenPrice {
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
  /** Default: as other input. */
  readonly cachedInputPerMillion?: number;
}

type PriceList = Readonly<Record<string, readonly TokenPrice[]>>;

function rate(input: number, cachedInput: number, output: number, upTo?: number): TokenPrice {
  return { input, cachedInput, output, ...(upTo === undefined ? {} : { upTo }) };
}

/** DeepSeek's API docs, "Models & Pricing", as quoted on 2026-05-22, with the permanent price of v4-pro. */
const deepseek: PriceList = {
  'deepseek-v4-pro': [rate(0.435, 0.003625, 0.87)],
  'deepseek-v4-flash': [rate(0.14, 0.0028, 0.28)],
  // The page: these names stand for v4-flash, without and with thinking.
  'deepseek-chat': [rate(0.14, 0.0028, 0.28)],
  'deepseek-reasoner': [rate(0.14, 0.0028, 0.28)],
};

/**
 * xAI's docs, a stored copy of 2026 without a day: docs.x.ai/docs/models (Grok 4.3: other rates beyond a
 * context of 200,000) and docs.x.ai/developers/models.md (4.1 fast; a limit of 128,000 to be safe, for
 * its forerunner cost more beyond).
 */
const xai: PriceList = {
  'grok-4.3': [rate(1.25, 0.2, 2.5, 200_000)],
  'grok-4-1-fast-reasoning': [rate(0.2, 0.05, 0.5, 128_000)],
  'grok-4-1-fast-non-reasoning': [rate(0.2, 0.05, 0.5, 128_000)],
};

/** Standard tier, text tokens. What is not in here has no known price. */
export const prices: Readonly<Record<string, PriceList>> = {
  openai: {
    'gpt-5.4': [rate(2.5, 0.25, 15, 270_000)],
    'gpt-5.4-mini': [rate(0.75, 0.075, 4.5, 270_000)],
    'gpt-5.4-nano': [rate(0.2, 0.02, 1.25, 270_000)],
    'gpt-5.2': [rate(1.75, 0.175, 14)],
    'gpt-5.1': [rate(1.25, 0.125, 10)],
    'gpt-5': [rate(1.25, 0.125, 10)],
    'gpt-5-mini': [rate(0.25, 0.025, 2)],
    'gpt-5-nano': [rate(0.05, 0.005, 0.4)],
    'gpt-4.1': [rate(2, 0.5, 8)],
    'gpt-4.1-mini': [rate(0.4, 0.1, 1.6)],
    'gpt-4.1-nano': [rate(0.1, 0.025, 0.4)],
    'gpt-4o': [rate(2.5, 1.25, 10)],
    'gpt-4o-mini': [rate(0.15, 0.075, 0.6)],
    o3: [rate(2, 0.5, 8)],
    'o4-mini': [rate(1.1, 0.275, 4.4)],
  },
  anthropic: {
    'claude-opus-4-6': [rate(5, 0.5, 25)],
    'claude-opus-4-5': [rate(5, 0.5, 25)],
    'claude-opus-4-1': [rate(15, 1.5, 75)],
    'claude-sonnet-4-6': [rate(3, 0.3, 15)],
    'claude-sonnet-4-5': [rate(3, 0.3, 15, 200_000)],
    'claude-haiku-4-5': [rate(1, 0.1, 5)],
  },
  google: {
    'gemini-3.1-pro': [rate(2, 0.2, 12, 200_000), rate(4, 0.4, 18)],
    'gemini-2.5-pro': [rate(1.25, 0.125, 10, 200_000), rate(2.5, 0.25, 15)],
    'gemini-2.5-flash': [rate(0.3, 0.03, 2.5)],
    'gemini-2.5-flash-lite': [rate(0.1, 0.01, 0.4)],
  },
  groq: {
    'openai/gpt-oss-120b': [rate(0.15, 0.075, 0.6)],
  },
  deepseek,
  xai,
};

/**
 * What a call cost, by the list. null: the list does not know the model, or not for a call of that size.
 * A dated name has the price of its family ('gpt-5-mini-2025-08-07' that of 'gpt-5-mini').
 *
 * @param serviceTier as the reply names it. Default: the standard tier
 */
export function priceOf(
  provider: string,
  model: string,
  usage: Usage,
  serviceTier?: string,
): Price | null {
  const tokenPrice = tokenPriceOf(provider, model, usage.inputTokens);
  const factor = tierFactor(provider, serviceTier);
  if (tokenPrice === null || factor === null) return null;
  return priced(usage, tokenPrice, factor);
}

function priced(usage: Usage, price: TokenPrice, factor = 1): Price {
  const dollars =
    (usage.inputTokens - usage.cachedInputTokens) * price.input +
    usage.cachedInputTokens * price.cachedInput +
    usage.outputTokens * price.output;
  return { usd: Number(((dollars * factor) / 1_000_000).toFixed(10)) };
}

/**
 * What an answer cost: by the price that the user gave, else as it was told or looked up.
 * @param factor the share of it that is paid, as for an answer out of a batch. Default: 1
 */
export function spendBy(
  { price }: Pick<ModelRequest, 'price'>,
  spend: Spend,
  provider: string,
  factor = 1,
): Spend {
  // OpenRouter is in no list: what is known, it told itself.
  const isTold = provider === 'openrouter' && spend.price !== null;
  if (price !== undefined && !isTold) {
    return { ...spend, price: priced(spend.usage, tokenPriceFrom(price), factor) };
  }
  if (factor === 1 || spend.price === null) return spend;
  return { ...spend, price: { usd: Number((spend.price.usd * factor).toFixed(10)) } };
}

/** The price of a call that sends and gets so much, none of it cached; null: it is not known. */
export function mostPrice(
  { model, price, serviceTier }: Pick<ModelRequest, 'model' | 'price' | 'serviceTier'>,
  provider: string,
  { inputTokens, outputTokens }: Pick<Usage, 'inputTokens' | 'outputTokens'>,
): Price | null {
  const totalTokens = inputTokens + outputTokens;
  const usage = {
    inputTokens,
    outputTokens,
    totalTokens,
    cachedInputTokens: 0,
    reasoningTokens: 0,
  };
  return price === undefined
    ? priceOf(provider, model, usage, serviceTier)
    : priced(usage, tokenPriceFrom(price));
}

function tokenPriceFrom(given: GivenPrice): TokenPrice {
  const { inputPerMillion: input, outputPerMillion: output } = given;
  return { input, output, cachedInput: given.cachedInputPerMillion ?? input };
}

/** OpenAI's "Flex processing" costs half, as its batches do; its "Priority" has a list of its own. */
function tierFactor(provider: string, serviceTier: string | undefined): number | null {
  if (provider !== 'openai') return 1;
  if (serviceTier === 'flex') return 0.5;
  return serviceTier === 'priority' ? null : 1;
}

/** The rate for a call with that many input tokens (default 0), or null where the list has none. */
export function tokenPriceOf(provider: string, model: string, inputTokens = 0): TokenPrice | null {
  const rates = tokenPricesOf(provider, model);
  return rates.find(({ upTo }) => upTo === undefined || inputTokens <= upTo) ?? null;
}

/** The list's rates of a model, the first that holds counts; empty where the list does not have it. */
export function tokenPricesOf(provider: string, model: string): readonly TokenPrice[] {
  const list = Object.hasOwn(prices, provider) ? (prices[provider] ?? {}) : {};
  const family = model.replace(/-(\d{4}-\d{2}-\d{2}|\d{8}|latest)$/, '');
  const name = [model, family].find((candidate) => Object.hasOwn(list, candidate));
  return name === undefined ? [] : (list[name] ?? []);
}
