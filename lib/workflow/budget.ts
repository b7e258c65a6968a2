import { WorkflowInvalid } from '../errors.ts';
import { budgetProblem } from '../model/budget/budget.ts';
import { mostPrice } from '../model/prices.ts';
import { type Graph, nodesIn, type Value } from './graph.ts';
import type { Given } from './symbolic.ts';
import type { Trace } from './trace.ts';
import { toValue } from './value.ts';

/** A budget whose amounts may be parts of the run's input. */
export interface GivenBudget {
  readonly usd?: Given<number>;
  readonly tokens?: Given<number>;
}

/** @throws WorkflowInvalid for amounts that are none, as far as they are known */
export function budgetValue(budget: GivenBudget, trace: Trace): Value {
  const place = `The budget of workflow '${trace.workflow}'`;
  const value = toValue(budget, trace, place.replace('The', 'the'));
  const entries = value.kind === 'object' ? value.entries : [];
  // An amount that only a run knows is checked by the function.
  const known = entries.map(([key, amount]) => [key, amount.kind === 'literal' ? amount.value : 1]);
  const problem = budgetProblem(value.kind === 'object' ? Object.fromEntries(known) : null);
  if (problem === null) return value;
  throw new WorkflowInvalid(`${place} ${problem}.`);
}

/**
 * A budget in US dollars can be kept only where each call's price is known.
 * @throws WorkflowInvalid
 */
export function checkPrices({ name, body, budget }: Graph): void {
  if (budget?.kind !== 'object' || !budget.entries.some(([unit]) => unit === 'usd')) return;
  for (const node of nodesIn(body)) {
    if (node.kind !== 'call' || node.target.kind !== 'model') continue;
    const { provider } = node.target;
    const model = textOf(fieldOf(node.payload, 'model'));
    if (model === undefined || fieldOf(node.payload, 'price') !== undefined) continue;
    if (mostPrice({ model }, provider, { inputTokens: 0, outputTokens: 0 }) !== null) continue;
    throw new WorkflowInvalid(
      `Workflow '${name}' has a budget in USD, and the price of ${provider}:${model} is not known. ` +
        'Give it: model({ price: { inputPerMillion, outputPerMillion } }), or set the budget in tokens: { tokens: 200_000 }.',
    );
  }
}

function fieldOf(value: Value, name: string): Value | undefined {
  return value.kind === 'object' ? value.entries.find(([key]) => key === name)?.[1] : undefined;
}

function textOf(value: Value | undefined): string | undefined {
  return value?.kind === 'literal' && typeof value.value === 'string' ? value.value : undefined;
}
