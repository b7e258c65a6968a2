import type { Json } from '../json.ts';
import type { Price, Usage } from '../model/result.ts';
import { spendIn } from '../model/spend.ts';
import { noUsage } from '../model/usage.ts';
import { isObject } from './schema.ts';

/** What a step spent, as its model function told it. */
export interface Spend {
  readonly usage: Usage;
  readonly price: Price | null;
  readonly model: string | null;
  /** The answer was taken from an earlier call. */
  readonly reused?: true;
}

/**
 * The model result inside a function's output: the output itself, or the `Payload` of the envelope
 * that the optimized `lambda:invoke` puts around it. Null for any other function's output, and for
 * one that was left out of the history or cut short.
 */
export function spendOf(output: string | undefined): Spend | null {
  if (!output?.includes('"model.result"')) return null;
  const parsed = parseJson(output);
  const result = isObject(parsed) && isObject(parsed.Payload) ? parsed.Payload : parsed;
  if (!isObject(result) || result.object !== 'model.result' || !isObject(result.usage)) return null;
  const usage = Object.fromEntries(
    Object.keys(noUsage).map((key) => [key, numberOf((result.usage as Record<string, Json>)[key])]),
  ) as unknown as Usage;
  const usd = isObject(result.price) ? result.price.usd : undefined;
  return {
    usage,
    price: typeof usd === 'number' ? { usd } : null,
    model: typeof result.model === 'string' ? result.model : null,
    ...(result.reused === true ? { reused: true } : {}),
  };
}

/** What a failed model call had used before it failed, as its message tells; null where it tells nothing. */
export function spendOfFailure(error: string | undefined, cause: string | undefined): Spend | null {
  const spend = /^(Model|Budget)\./.test(error ?? '') ? spendIn(cause ?? '') : null;
  return spend && { ...spend, model: null };
}

/** The sum of two counts of tokens. */
export function addUsage(a: Usage, b: Usage): Usage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    totalTokens: a.totalTokens + b.totalTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
  };
}

/** The sum of what is known: an unknown price (null) adds nothing. */
export function addPrice(a: Price | null, b: Price | null): Price | null {
  if (!a || !b) return a ?? b;
  // Prices are fractions of a cent: without rounding, 0.1 + 0.2 would show.
  return { usd: Number((a.usd + b.usd).toFixed(12)) };
}

/** JSON text as a value; undefined where it is absent or is not JSON (a history cuts long texts). */
export function parseJson(text: string | undefined): Json | undefined {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function numberOf(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0;
}
