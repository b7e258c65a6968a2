import priceList from './price-list.json' with { type: 'json' };
import type { ModelRequest } from './request.ts';
import type { Price, Usage } from './result.ts';
import type { Spend } from './spend.ts';

/**
 * The day on which the list was published: `price-list.json` is what `@pydantic/genai-prices` 0.1.8 says of
 * text tokens, which its maintainers read off the providers' price pages. Prices change: compare before
 * you budget, or give `price` to the model.
 */
export const priceListDate = '2026-09-23';

/** US dollars per million tokens. */
export interface TokenPrice {
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
  /** The rate holds for calls with at most this many input tokens; then the next rate. */
  readonly upTo?: number;
}

/** A price that the user gives, in US dollars per million tokens: it takes the place of the list's. */
export interface GivenPrice {
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
  /** Default: as other input. */
  readonly cachedInputPerMillion?: number;
}

/** Input, cached input, output, and `upTo`. */
type Row = readonly [number, number, number, number?];

/** By provider and model. What is not in here has no known price. */
const prices = priceList as unknown as Readonly<
  Record<string, Readonly<Record<string, readonly Row[]>>>
>;

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
  const rows = name === undefined ? [] : (list[name] ?? []);
  return rows.map(([input, cachedInput, output, upTo]) => ({
    input,
    cachedInput,
    output,
    ...(upTo === undefined ? {} : { upTo }),
  }));
}
