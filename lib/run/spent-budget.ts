import type { HistoryEvent } from '../engine/history/event.ts';
import type { Budget } from '../model/budget/budget.ts';
import { countedIn } from '../model/budget/unknown-spend.ts';
import type { Price, Usage } from '../model/result.ts';
import { isObject } from './schema.ts';
import { parseJson } from './spend.ts';

/** What a run may spend, and what is left of it, as far as its history tells. */
export interface SpentBudget {
  /** US dollars; absent where the budget does not limit them. */
  readonly usd?: BudgetAccount;
  /** Input and output tokens together; absent where the budget does not limit them. */
  readonly tokens?: BudgetAccount;
  /**
   * Calls that are under way, or were cut off without a word (a sibling's failure, a time limit, a stop):
   * each may hold or have used up to its reservation, which is not in `spent`.
   */
  readonly unsettled: number;
}

export interface BudgetAccount {
  readonly limit: number;
  /** What answered calls used, and what counts as spent because nobody knows it. */
  readonly spent: number;
  /** The rest, never below 0; with `unsettled` calls at most this. */
  readonly left: number;
}

/** How every call under a budget begins that part of what it is given: a quote inside of a text is escaped. */
const mark = '"budget":{"run":';

/** The budget of one run, read from its events: each call is given the limit, and each end tells. */
export class BudgetReader {
  #limit: Budget | undefined;
  #counted: Required<Budget> = { usd: 0, tokens: 0 };
  #lost = 0;
  readonly #open = new Set<number | null>();

  /** A function is called. */
  called(step: number | null, { details }: HistoryEvent): void {
    const text = details?.input ?? details?.parameters;
    if (typeof text !== 'string' || !text.includes(mark)) return;
    this.#open.add(step);
    this.#limit ??= limitIn(text);
  }

  /** A call has ended. Of one that failed without a model's word nobody knows what it used. */
  ended(step: number | null, { details }: HistoryEvent): void {
    if (!this.#open.delete(step)) return;
    const { error = '', cause = '' } = details ?? {};
    const counted = countedIn(cause);
    this.#counted = {
      usd: this.#counted.usd + (counted.usd ?? 0),
      tokens: this.#counted.tokens + (counted.tokens ?? 0),
    };
    const isTold = error === '' || /^(Model|Budget)\.|^Lambda\.TooManyRequests/.test(error);
    if (!isTold) this.#lost += 1;
  }

  /** undefined: no call was under a budget yet. */
  account(usage: Usage, price: Price | null): SpentBudget | undefined {
    if (this.#limit === undefined) return undefined;
    const { usd, tokens } = this.#limit;
    const spent = {
      usd: (price?.usd ?? 0) + this.#counted.usd,
      tokens: usage.totalTokens + this.#counted.tokens,
    };
    return {
      ...(usd === undefined ? {} : { usd: accountOf(usd, spent.usd) }),
      ...(tokens === undefined ? {} : { tokens: accountOf(tokens, spent.tokens) }),
      unsettled: this.#open.size + this.#lost,
    };
  }
}

/** The accounts of the parts of one run together: a run's own, and those of its items. */
export function addBudgets(
  a: SpentBudget | undefined,
  b: SpentBudget | undefined,
): SpentBudget | undefined {
  if (!a || !b) return a ?? b;
  const [usd, tokens] = (['usd', 'tokens'] as const).map((unit) => {
    const limit = a[unit]?.limit ?? b[unit]?.limit;
    return limit === undefined
      ? undefined
      : accountOf(limit, (a[unit]?.spent ?? 0) + (b[unit]?.spent ?? 0));
  });
  return {
    ...(usd === undefined ? {} : { usd }),
    ...(tokens === undefined ? {} : { tokens }),
    unsettled: a.unsettled + b.unsettled,
  };
}

function accountOf(limit: number, spent: number): BudgetAccount {
  // Without rounding, 0.1 + 0.2 would show.
  const exact = Number(spent.toFixed(12));
  return { limit, spent: exact, left: Math.max(0, Number((limit - exact).toFixed(12))) };
}

/** The function's request itself, or the one in what a call in the background hands on. */
function limitIn(text: string): Budget | undefined {
  const given = parseJson(text);
  const payload = isObject(given) && isObject(given.Payload) ? given.Payload : given;
  const request = isObject(payload) && isObject(payload.request) ? payload.request : payload;
  const budget = isObject(request) ? request.budget : undefined;
  if (!isObject(budget)) return undefined;
  const { usd, tokens } = budget;
  return {
    ...(typeof usd === 'number' ? { usd } : {}),
    ...(typeof tokens === 'number' ? { tokens } : {}),
  };
}
