import type { Execution } from '../../lib/engine/execution.ts';
import type { HistoryEvent } from '../../lib/engine/history/event.ts';
import type { ModelResult } from '../../lib/model/result.ts';
import { spendIn } from '../../lib/model/spend.ts';
import { foldRun } from '../../lib/run/fold.ts';
import { idIn, type Ledger } from './ledger.ts';

/** One kind of trouble, and what became of its calls. */
export interface Tally {
  readonly fault: string;
  readonly calls: number;
  /** Outcomes by name: 'answered', or the error's. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Calls without an outcome, or with another call's. */
  readonly lost: number;
  /** Calls that were answered more than once, or whose tokens differ from the provider's book. */
  readonly double: number;
  /** Requests that came before their Retry-After. */
  readonly early: number;
  readonly requests: number;
  /** From the first start to the last end, on the virtual clock. */
  readonly minutes: number;
  /** Tokens that the provider told, and those that the runs' own accounts have. */
  readonly provider: number;
  readonly ours: number;
  /** Tokens of answers that broke on the way: nobody can know them but the provider. */
  readonly untold: number;
  /** What the budget's row has as spent; and what it must have: told, and reserved for what is unknown. */
  readonly budget: { readonly spent: number; readonly due: number; readonly held: number };
}

type Slot =
  | { readonly status: 'fulfilled'; readonly value: { readonly id: string } }
  | { readonly status: 'rejected'; readonly reason: { readonly error: string } };

/** Reads a run that is over: its slots, its events, and what it says that it used. */
export function readRun(execution: Execution, run: number, calls: number, ledger: Ledger) {
  const { identity, history } = execution;
  const folded = foldRun({ id: identity.name, workflow: 'soak' }, history);
  const slots = folded.status === 'SUCCEEDED' ? (folded.output as unknown as Slot[]) : [];
  const outcomes: Record<string, number> = {};
  let lost = folded.status === 'SUCCEEDED' ? 0 : calls;
  for (let index = 0; index < slots.length; index++) {
    const slot = slots[index] as Slot;
    const isFulfilled = slot.status === 'fulfilled';
    const name = isFulfilled ? 'answered' : slot.reason.error;
    outcomes[name] = (outcomes[name] ?? 0) + 1;
    if (isFulfilled && slot.value.id !== `call-${run}-${index}`) lost += 1;
  }
  if (folded.status === 'SUCCEEDED') lost += Math.abs(calls - slots.length);
  const noted = bookEvents(history, ledger);
  return { outcomes, lost, ours: folded.usage.totalTokens, noted };
}

/** Books each answer and each failure of a task under its call; gives the tokens that count as spent. */
function bookEvents(history: readonly HistoryEvent[], ledger: Ledger): number {
  const ids = new Map<number, string>();
  let noted = 0;
  for (const { id, previousEventId, type, details = {} } of history) {
    const own = /Scheduled$/.test(type)
      ? idIn(String(details.input ?? details.parameters))
      : ids.get(previousEventId);
    if (own === undefined) continue;
    ids.set(id, own);
    const entry = ledger.of(own);
    if (/^(LambdaFunction|Task)Succeeded$/.test(type)) {
      entry.answers += 1;
      entry.ours += (JSON.parse(String(details.output)) as ModelResult).usage.totalTokens;
    }
    if (!/^(LambdaFunction|Task)Failed$/.test(type)) continue;
    const cause = String(details.cause ?? '');
    entry.ours += spendIn(cause)?.usage.totalTokens ?? 0;
    noted += Number(
      (/not known: ([\d,]+) tokens counts as spent/.exec(cause)?.[1] ?? '0').replaceAll(',', ''),
    );
  }
  return noted;
}

/** The calls whose own sums differ from the provider's book, or that were answered twice. */
export function miscounted(ledger: Ledger): number {
  return [...ledger.entries.values()].filter(
    ({ told, ours, answers }) => told !== ours || answers > 1,
  ).length;
}

export function addOutcomes(
  into: Record<string, number>,
  more: Readonly<Record<string, number>>,
): void {
  for (const [name, count] of Object.entries(more)) into[name] = (into[name] ?? 0) + count;
}
