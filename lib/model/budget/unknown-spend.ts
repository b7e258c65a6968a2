import type { Budget } from './budget.ts';

/**
 * What counts as spent though nobody knows it, as the sentence at the end of an error's message; the
 * run's budget stands first. `countedIn` finds it again in the execution's history.
 */
export function countedSentence(costs: readonly string[]): string {
  return `What the unanswered attempt used is not known: ${costs.join(', ')} counts as spent.`;
}

const pattern =
  /attempt used is not known: (?:(\d+(?:\.\d+)?) USD)?(?: and )?(?:(\d+) tokens)?(?:, [\d., A-Za-z]*)? counts as spent\./;

/** What counts as spent of the run's budget, by the message of an error or by Lambda's JSON text around it. */
export function countedIn(message: string): Budget {
  const [, usd, tokens] = pattern.exec(message) ?? [];
  return {
    ...(usd === undefined ? {} : { usd: Number(usd) }),
    ...(tokens === undefined ? {} : { tokens: Number(tokens) }),
  };
}
