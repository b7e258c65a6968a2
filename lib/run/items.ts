import type { HistoryEvent } from '../engine/history/event.ts';
import { foldRun } from './fold.ts';
import type { Run, RunStep } from './run.ts';
import { addPrice, addUsage } from './spend.ts';
import { addBudgets } from './spent-budget.ts';

/** The histories of the executions that a Distributed Map's items are, by the ARN of its Map Run. */
export type ItemsOf = (mapRunArn: string) => Iterable<readonly HistoryEvent[]>;

/**
 * The run with what the items of its Distributed Maps have spent: in its own sums, and in those of the
 * step that is their Map. Items are executions of their own, whose events are not among the run's.
 */
export function withItems(run: Run, itemsOf: ItemsOf): Run {
  if (run.spendIsWhole !== false) return run;
  const { spendIsWhole: _, ...rest } = run;
  let { usage, price, budget } = run;
  const steps = run.steps.map((step) => {
    if (step.mapRuns === undefined) return step;
    const items = step.mapRuns.flatMap((arn) => [...itemsOf(arn)]);
    const told = items.map((events) => withItems(foldRun(itemSubject, events), itemsOf));
    for (const item of told) {
      usage = addUsage(usage, item.usage);
      price = addPrice(price, item.price);
      budget = addBudgets(budget, item.budget);
    }
    return { ...step, ...sumOf(step, told) };
  });
  return { ...rest, steps, usage, price, ...(budget === undefined ? {} : { budget }) } as Run;
}

const itemSubject = { id: 'item', workflow: 'item', startedAt: new Date(0).toISOString() };

function sumOf(step: RunStep, items: readonly Run[]): Pick<RunStep, 'usage' | 'price' | 'calls'> {
  const steps = items.flatMap((item) => item.steps);
  return {
    usage: steps.reduce(
      (sum, each) => (each.usage ? (sum ? addUsage(sum, each.usage) : each.usage) : sum),
      step.usage,
    ),
    price: steps.reduce((sum, each) => addPrice(sum, each.price), step.price),
    calls: steps.filter(({ kind }) => kind === 'task').length + callsIn(steps),
  };
}

function callsIn(steps: readonly RunStep[]): number {
  return steps.reduce((sum, { calls = 0 }) => sum + calls, 0);
}
