/** The most that may be spent: in US dollars, in tokens, or in both. One of them is there. */
export interface Budget {
  readonly usd?: number;
  /** Input and output together. */
  readonly tokens?: number;
}

/** A budget as the document gives it to a call. */
export interface RunBudget extends Budget {
  /** '<workflow>/<run>': whose budget it is. */
  readonly run: string;
}

/** A budget in the words of a message: '0.5 USD', '200000 tokens', '0.5 USD and 200000 tokens'. */
export function budgetWords({ usd, tokens }: Budget): string {
  return [
    ...(usd === undefined ? [] : [`${usd.toFixed(9).replace(/\.?0+$/, '')} USD`]),
    ...(tokens === undefined ? [] : [`${tokens} tokens`]),
  ].join(' and ');
}

/**
 * What is wrong with a value that should be a budget, as the end of a sentence that begins with it;
 * null: nothing. Dollars are a number above 0, tokens a whole one.
 * @param others further fields that it may have
 */
export function budgetProblem(value: unknown, others: readonly string[] = []): string | null {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return 'must be an object: { usd: 0.5 }, { tokens: 200_000 }, or both';
  }
  const unknown = Object.keys(value).filter((key) => !['usd', 'tokens', ...others].includes(key));
  if (unknown.length > 0) return `has the unknown field ${unknown[0]}; allowed: usd, tokens`;
  const { usd, tokens } = value as Budget;
  if (usd === undefined && tokens === undefined) return 'must have usd, tokens, or both';
  if (usd !== undefined && !(Number.isFinite(usd) && usd > 0)) {
    return 'must have as usd a number of US dollars above 0';
  }
  if (tokens !== undefined && !(Number.isSafeInteger(tokens) && tokens > 0)) {
    return 'must have as tokens a whole number above 0';
  }
  return null;
}
