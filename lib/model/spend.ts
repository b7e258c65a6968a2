import type { Price, Usage } from './result.ts';

/** What the answered calls of one step's attempt used, and what that cost. */
export interface Spend {
  readonly usage: Usage;
  /** null: not known for at least one of them. */
  readonly price: Price | null;
}

/** The sum; nothing spent yet (null) adds nothing. */
export function addSpend(before: Spend | null, more: Spend): Spend {
  if (before === null) return more;
  const known = before.price !== null && more.price !== null;
  return {
    usage: {
      inputTokens: before.usage.inputTokens + more.usage.inputTokens,
      outputTokens: before.usage.outputTokens + more.usage.outputTokens,
      totalTokens: before.usage.totalTokens + more.usage.totalTokens,
      cachedInputTokens: before.usage.cachedInputTokens + more.usage.cachedInputTokens,
      reasoningTokens: before.usage.reasoningTokens + more.usage.reasoningTokens,
    },
    price: known
      ? { usd: Number(((before.price?.usd ?? 0) + (more.price?.usd ?? 0)).toFixed(12)) }
      : null,
  };
}

/**
 * A failed call's spend as a sentence. Only the name and the message of an error get out of a Lambda
 * function and into the execution's history, so the message carries it; `spendIn` finds it again.
 */
export function spendSentence({ usage, price }: Spend): string {
  const cost =
    price === null ? 'price unknown' : `${price.usd.toFixed(12).replace(/(\.\d+?)0+$/, '$1')} USD`;
  return (
    `Spent ${usage.inputTokens} input tokens (${usage.cachedInputTokens} cached) and ` +
    `${usage.outputTokens} output tokens (${usage.reasoningTokens} reasoning), ${cost}.`
  );
}

const pattern =
  /Spent (\d+) input tokens \((\d+) cached\) and (\d+) output tokens \((\d+) reasoning\), (?:price unknown|(\d+\.\d+) USD)\./;

/** The spend that an error's message, or Lambda's JSON text around it, tells; null where it tells none. */
export function spendIn(message: string): Spend | null {
  const found = pattern.exec(message);
  if (found === null) return null;
  const [input = 0, cached = 0, output = 0, reasoning = 0] = found.slice(1, 5).map(Number);
  return {
    usage: {
      inputTokens: input,
      outputTokens: output,
      totalTokens: input + output,
      cachedInputTokens: cached,
      reasoningTokens: reasoning,
    },
    price: found[5] === undefined ? null : { usd: Number(found[5]) },
  };
}
