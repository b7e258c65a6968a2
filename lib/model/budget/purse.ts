import { setTimeout as pause } from 'node:timers/promises';
import { type Change, type Changed, type LimiterTable, TableBusy } from '../limiter/table.ts';
import { type Budget, budgetWords } from './budget.ts';
import type { Cost } from './cost.ts';

/** One budget and the row that keeps what is spent of it. */
export interface Purse {
  readonly budget: Budget;
  /** The row's key in the table. */
  readonly key: string;
  /** "the run's budget", "the deployment's budget of 2026-11-22 (UTC)". */
  readonly words: string;
  /** Seconds since the epoch after which the row may be deleted. */
  readonly expires: number;
  /** How it is raised, as the end of a sentence. */
  readonly mend: string;
}

/**
 * The numbers of a purse's row: what is spent or reserved, and of that what is reserved only. A call that
 * never settles, because its function was stopped, stays reserved: it may have been paid for.
 */
export const purseNames = {
  usd: { used: 'usd', held: 'usd_held' },
  tokens: { used: 'tokens', held: 'tokens_held' },
} as const;

type Unit = keyof typeof purseNames;

/** How often a change is tried while the table has too much to do. */
const tries = 5;

/** The parts of a cost that the budget limits, in whole units of the row. */
function limited({ budget }: Purse, cost: Cost): readonly (readonly [Unit, number, number])[] {
  const { usd, tokens } = budget;
  return [
    ...(usd === undefined ? [] : [['usd', Math.round(usd * 1e9), cost.nanos ?? 0] as const]),
    ...(tokens === undefined ? [] : [['tokens', tokens, cost.tokens] as const]),
  ];
}

/**
 * Takes the most that a call may cost out of a purse, if it is in there: one atomic conditional change,
 * whoever else takes at the same time.
 */
export function take(table: LimiterTable, purse: Purse, cost: Cost): Promise<Changed> {
  const parts = limited(purse, cost);
  return patiently(table, purse.key, {
    when: parts.map(([unit, limit, amount]) => ({
      name: purseNames[unit].used,
      is: '<=',
      value: limit - amount,
      orAbsent: amount <= limit,
    })),
    add: Object.fromEntries(
      parts.flatMap(([unit, , amount]) => [
        [purseNames[unit].used, amount],
        [purseNames[unit].held, amount],
      ]),
    ),
    set: { expires: purse.expires },
  });
}

/** Puts back what was taken and not spent; what was spent beyond it is added. */
export function settle(
  table: LimiterTable,
  purse: Purse,
  { taken, spent }: { readonly taken: Cost; readonly spent: Cost },
): Promise<Changed> {
  const spends = limited(purse, spent);
  return patiently(table, purse.key, {
    add: Object.fromEntries(
      limited(purse, taken).flatMap(([unit, , amount], index) => [
        [purseNames[unit].used, (spends[index]?.[2] ?? 0) - amount],
        [purseNames[unit].held, -amount],
      ]),
    ),
  });
}

/** What a purse holds, as two sentences. */
export function account({ budget, words }: Purse, { row }: Changed): string {
  const [spent, reserved] = (['used', 'held'] as const).map((part) => {
    const of = (unit: Unit) => row[purseNames[unit][part]] ?? 0;
    const held = (unit: Unit) => (part === 'used' ? (row[purseNames[unit].held] ?? 0) : 0);
    return budgetWords({
      ...(budget.usd === undefined ? {} : { usd: usdOf(of('usd') - held('usd')) }),
      ...(budget.tokens === undefined ? {} : { tokens: of('tokens') - held('tokens') }),
    });
  });
  return `${words} is ${budgetWords(budget)}: spent ${spent}, reserved for calls under way ${reserved}.`;
}

/** What of a cost the budget limits, in words. */
export function costWords({ budget }: Purse, { nanos, tokens }: Cost): string {
  return budgetWords({
    ...(budget.usd === undefined ? {} : { usd: usdOf(nanos ?? 0) }),
    ...(budget.tokens === undefined ? {} : { tokens }),
  });
}

function usdOf(nanos: number): number {
  return Number((nanos / 1e9).toFixed(9));
}

/**
 * All calls under one budget change one row, of which DynamoDB serves about a thousand a second: a burst
 * is spread over some tenths of a second.
 */
async function patiently(table: LimiterTable, key: string, change: Change): Promise<Changed> {
  for (let turn = 1; ; turn += 1) {
    try {
      return await table.change(key, change);
    } catch (error) {
      if (!(error instanceof TableBusy) || turn >= tries) throw error;
      await pause(Math.random() * 40 * 2 ** turn);
    }
  }
}
