import { inputTokens } from '../limiter/estimate.ts';
import { mostPrice } from '../prices.ts';
import type { ModelRequest } from '../request.ts';
import type { Spend } from '../spend.ts';

/** What a call may cost or did cost. */
export interface Cost {
  readonly tokens: number;
  /** Billionths of a US dollar, whole, so that sums are exact; null: the price is not known. */
  readonly nanos: number | null;
}

/**
 * The most output of a call that sets no `maxOutputTokens`, while a budget is in force: what may be
 * spent must be known before, so the provider is held to it.
 */
export const usualMost = 8_192;

/**
 * Two bytes of UTF-8 are one token at most, in the languages and the code that people write: English has
 * four and more, Chinese and Japanese between two and three.
 */
const bytesPerToken = 2;

/** What a provider puts around a message: its role and its marks. */
const framing = 8;

/** The request as it is sent under a budget: its output has a limit. */
export function bounded(request: ModelRequest): ModelRequest {
  return request.maxOutputTokens === undefined
    ? { ...request, maxOutputTokens: usualMost }
    : request;
}

/**
 * The most that one attempt of a call costs: its input, measured on the safe side, and all its output.
 * @param factor the share of the price that is paid. Default: 1
 */
export function mostCost(request: ModelRequest, provider: string, factor = 1): Cost {
  const { maxOutputTokens = usualMost } = request;
  const { messages = [] } = request;
  const text = inputTokens(request, (words) => Buffer.byteLength(words) / bytesPerToken);
  const input = text + (messages.length + 2) * framing;
  // A long input may have another rate, or none in the list: what is measured is more than there is.
  const usds = [input, Math.ceil(input / 2)]
    .map((inputTokens) =>
      mostPrice(request, provider, { inputTokens, outputTokens: maxOutputTokens }),
    )
    .filter((price) => price !== null)
    .map(({ usd }) => usd);
  return {
    tokens: input + maxOutputTokens,
    nanos: usds.length === 0 ? null : nanosOf(Math.max(...usds) * factor),
  };
}

/** What an answered attempt did cost. */
export function costOf({ usage, price }: Spend): Cost {
  return { tokens: usage.totalTokens, nanos: price === null ? null : nanosOf(price.usd) };
}

/** Rounded up; prices are kept to the tenth of a billionth. */
export function nanosOf(usd: number): number {
  return Math.ceil(Number((usd * 1e9).toFixed(1)));
}
