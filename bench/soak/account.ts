import type { Execution } from '../../lib/engine/execution.ts';
import type { HistoryEvent } from '../../lib/engine/history/event.ts';
import { jobId } from '../../lib/model/background/job.ts';
import type { ModelResult } from '../../lib/model/result.ts';
import { spendIn } from '../../lib/model/spend.ts';
import { foldRun } from '../../lib/run/fold.ts';
import { idIn, type Ledger, tokensOf } from './ledger.ts';

/** Tokens, and billionths of a dollar. */
export interface Sum {
  tokens: number;
  nanos: number;
}

/** One kind of trouble, and what became of its calls. */
export interface Tally {
  readonly fault: string;
  readonly calls: number;
  /** How often each fault was met. */
  readonly hits: Readonly<Record<string, number>>;
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
  /** Of the longest history: Step Functions ends a run at 25,000. */
  readonly events: number;
  /** What the provider told, and what the runs say that they used. */
  readonly provider: Sum;
  readonly ours: Sum;
  /** Tokens of answers that broke on the way: nobody can know them but the provider. */
  readonly untold: number;
  /** What the budget's row has as spent; what it must have: told, and reserved for what is unknown; and what it holds. */
  readonly budget: { readonly spent: Sum; readonly due: Sum; readonly held: Sum };
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
  const ours: Sum = {
    tokens: folded.usage.totalTokens,
    nanos: Math.round((folded.price?.usd ?? 0) * 1e9),
  };
  return { outcomes, lost, ours, noted: bookEvents(history, ledger) };
}

/** Books each answer and each failure of a task under its call; gives what counts as spent though it is not known. */
function bookEvents(history: readonly HistoryEvent[], ledger: Ledger): Sum {
  const calls = new Map<number, ReturnType<typeof callIn>>();
  const all = none();
  for (const { id, previousEventId, type, details = {} } of history) {
    const call = /Scheduled$/.test(type)
      ? callIn(String(details.input ?? details.parameters))
      : calls.get(previousEventId);
    if (call === undefined) continue;
    calls.set(id, call);
    const entry = ledger.of(call.id);
    if (/^(LambdaFunction|Task)Succeeded$/.test(type)) {
      entry.answers += 1;
      entry.ours += (JSON.parse(String(details.output)) as ModelResult).usage.totalTokens;
    }
    // The function has failed, or the state: by its token, or by its own time limit.
    if (!/^(LambdaFunction|Task)(Failed|TimedOut)$/.test(type)) continue;
    const cause = String(details.cause ?? '');
    const known = spendIn(cause)?.usage.totalTokens ?? 0;
    entry.ours += known;
    const kept = keptIn(cause);
    addSum(all, kept ?? none());
    // One that falls out of its batch is settled by what the batch says of it when it ends.
    const isLate = call.isInBatch && (details.error === 'Model.BatchExpired' || isTimedOut(type));
    if (isLate) ledger.unknown(call.id, call.job, known, 'late');
    else if (kept || isTimedOut(type)) ledger.unknown(call.id, call.job, known);
  }
  return all;
}

/** What counts as spent though nobody knows it, by an error's cause. */
export function keptIn(cause: string): Sum | null {
  const [, usd, tokens] =
    /not known: ([\d.]+) USD and ([\d]+) tokens counts as spent/.exec(cause) ?? [];
  return usd === undefined
    ? null
    : { nanos: Math.round(Number(usd) * 1e9), tokens: Number(tokens) };
}

function isTimedOut(type: string): boolean {
  return type.endsWith('TimedOut');
}

function callIn(input: string) {
  const token = /"taskToken":"([^"]+)"/.exec(input)?.[1];
  const isInBatch = input.includes('"lane":"batch"');
  return { id: idIn(input), job: token === undefined ? '' : jobId(token), isInBatch };
}

export function none(): Sum {
  return { tokens: 0, nanos: 0 };
}

export function addSum(into: Sum, { tokens, nanos }: Sum): void {
  into.tokens += tokens;
  into.nanos += nanos;
}

/** The calls whose own sums differ from the provider's book, or that were answered twice. */
export function miscounted(ledger: Ledger): number {
  return [...ledger.entries.values()].filter(
    ({ told, ours, answers }) => tokensOf(told) !== ours || answers > 1,
  ).length;
}

export function addOutcomes(
  into: Record<string, number>,
  more: Readonly<Record<string, number>>,
): void {
  for (const [name, count] of Object.entries(more)) into[name] = (into[name] ?? 0) + count;
}
