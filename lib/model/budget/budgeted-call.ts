import { ModelError } from '../errors.ts';
import type { LimiterTable } from '../limiter/table.ts';
import type { ModelRequest } from '../request.ts';
import type { Spend } from '../spend.ts';
import { bounded, type Cost, costOf, mostCost } from './cost.ts';
import { account, costWords, type Purse, settle, take } from './purse.ts';
import { countedSentence } from './unknown-spend.ts';

/** Is told of every attempt of a call, before and after. */
export interface Account {
  /** @throws ModelError 'Budget.Exceeded': the attempt must not be made */
  reserve(attempt: ModelRequest): Promise<void>;
  /** @param spend null: the answer does not say what it used */
  answered(spend: Spend | null): void;
}

export interface Budgets {
  /** Empty: no budget is in force. */
  readonly purses: readonly Purse[];
  readonly provider: string;
  /** null: nothing keeps the budgets. */
  readonly table: LimiterTable | null;
  /** The share of the price that is paid. Default: 1. */
  readonly factor?: number;
}

/**
 * Makes a call within its budgets: each attempt, repairs included, reserves before it is sent the most
 * that it may cost, and the call settles once with what it did cost. Without a budget it is just made.
 *
 * Where nobody knows what an attempt used (a timeout, a broken connection, an answer without usage), its
 * reservation counts as spent, and the error says so. An attempt that the provider refused has cost nothing.
 *
 * @param call is given the request with a limit on its output, and the account to tell
 * @throws ModelError 'Budget.Exceeded', 'Model.Rejected' where the price is not known,
 *   'Model.Unavailable' where the budgets cannot be kept; else what the call throws
 */
export async function budgetedCall<T>(
  request: ModelRequest,
  budgets: Budgets,
  call: (request: ModelRequest, account?: Account) => Promise<T>,
): Promise<T> {
  if (budgets.purses.length === 0) return call(request);
  const reserved = new Reservations(request, budgets);
  try {
    const result = await call(bounded(request), reserved);
    await reserved.settle(null);
    return result;
  } catch (error) {
    await reserved.settle(error);
    throw error instanceof ModelError ? reserved.noted(error) : error;
  }
}

/** What a call holds out of its purses, as plain data. */
export interface Held {
  readonly taken: Cost;
  readonly spent: Cost;
  /** The reservation of the attempt that has not been answered. */
  readonly open: Cost | null;
}

/** What one call has taken out of its purses, attempt by attempt; `held`, in another function. */
export class Reservations implements Account {
  readonly #request: ModelRequest;
  readonly #budgets: Budgets;
  #taken: Cost;
  #spent: Cost;
  #open: Cost | null;

  constructor(
    request: ModelRequest,
    budgets: Budgets,
    { taken, spent, open }: Held = { taken: nothing, spent: nothing, open: null },
  ) {
    this.#request = request;
    this.#budgets = budgets;
    this.#taken = taken;
    this.#spent = spent;
    this.#open = open;
  }

  get held(): Held {
    return { taken: this.#taken, spent: this.#spent, open: this.#open };
  }

  async reserve(attempt: ModelRequest): Promise<void> {
    const { purses, provider, factor } = this.#budgets;
    const cost = mostCost(attempt, provider, factor);
    const priced = purses.find(({ budget }) => budget.usd !== undefined);
    if (cost.nanos === null && priced) throw this.#error('Model.Rejected', unpriced(priced));
    for (const [index, purse] of purses.entries()) {
      const changed = await this.#reached((table) => take(table, purse, cost));
      if (changed.done) continue;
      for (const before of purses.slice(0, index)) await this.#give(before, cost, nothing);
      const { mend } = purse;
      throw this.#error(
        'Budget.Exceeded',
        `${upper(account(purse, changed))} This call may cost ${costWords(purse, cost)}. Lower its maxOutputTokens, shorten its input, or ${mend}.`,
      );
    }
    this.#taken = sum(this.#taken, cost);
    this.#open = cost;
  }

  answered(spend: Spend | null): void {
    if (this.#open === null) return;
    const cost = spend && costOf(spend);
    const known = {
      tokens: cost?.tokens ?? this.#open.tokens,
      nanos: cost?.nanos ?? this.#open.nanos,
    };
    this.#spent = sum(this.#spent, known);
    this.#open = null;
  }

  /** @param error what ended the call; null: it was answered */
  async settle(error: unknown): Promise<void> {
    const open = this.#unknown(error);
    const spent = open === null ? this.#spent : sum(this.#spent, open);
    if (this.#taken.tokens === 0) return;
    const { purses } = this.#budgets;
    await Promise.all(purses.map((purse) => this.#give(purse, this.#taken, spent)));
  }

  /** The error, which says what counts as spent though nobody knows it. */
  noted(error: ModelError): ModelError {
    const open = this.#unknown(error);
    if (open === null || this.#taken.tokens === 0) return error;
    const kept = this.#budgets.purses.map((purse) => costWords(purse, open));
    return new ModelError(error.name, `${error.message} ${countedSentence(kept)}`, error);
  }

  #unknown(error: unknown): Cost | null {
    return error === null || isUnpaid(error) ? null : this.#open;
  }

  /** What cannot be given back stays reserved: the budget is then kept on the safe side. */
  async #give(purse: Purse, taken: Cost, spent: Cost): Promise<void> {
    const { table } = this.#budgets;
    try {
      if (table !== null) await settle(table, purse, { taken, spent });
    } catch (error) {
      const why = error instanceof Error ? error.name : 'unknown';
      console.warn(`A budget could not be settled (${why}): its reservation stands.`);
    }
  }

  async #reached<R>(change: (table: LimiterTable) => Promise<R>): Promise<R> {
    const { table } = this.#budgets;
    if (table === null) {
      throw this.#error(
        'Model.Rejected',
        'A budget is in force, but no table keeps it. Deploy again.',
      );
    }
    try {
      return await change(table);
    } catch {
      throw this.#error(
        'Model.Unavailable',
        'The table of its budget could not be reached. Retry.',
      );
    }
  }

  #error(
    name: 'Budget.Exceeded' | 'Model.Rejected' | 'Model.Unavailable',
    why: string,
  ): ModelError {
    const { model } = this.#request;
    const { provider } = this.#budgets;
    return new ModelError(name, `${provider}:${model} was not called. ${why}`, { provider, model });
  }
}

const nothing: Cost = { tokens: 0, nanos: 0 };

function sum(a: Cost, b: Cost): Cost {
  return { tokens: a.tokens + b.tokens, nanos: (a.nanos ?? 0) + (b.nanos ?? 0) };
}

/**
 * Refused before any work: by status, because there is no capacity, because no batch did it in time, or
 * because nobody was reached.
 */
function isUnpaid(error: unknown): boolean {
  if (!(error instanceof ModelError)) return false;
  const { name, status, isUnsent } = error;
  if (name === 'Model.BatchExpired' || isUnsent) return true;
  return name === 'Model.Overloaded' || (status !== null && status >= 300 && status < 500);
}

function unpriced({ words }: Purse): string {
  return `Its price is not known, and ${words} is in USD. Give its price, model({ price: { inputPerMillion, outputPerMillion } }), or set the budget in tokens.`;
}

function upper(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
