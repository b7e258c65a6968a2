import type { Construct } from 'constructs';
import { UsageError } from '../errors.ts';
import { type Budget, budgetProblem } from '../model/budget/budget.ts';

/** `-c cloudgather:budget='{"usd": 20}'`, or the same name under "context" in cdk.json. */
const BUDGET_CONTEXT = 'cloudgather:budget';

/**
 * What all runs of the deployment may spend on models in one day (UTC), by the CDK context
 * `cloudgather:budget`: `{ "usd": 20 }`, `{ "tokens": 5000000 }`, or both. null: as much as they do.
 * @throws UsageError for anything else
 */
export function dayBudgetInContext(scope: Construct): Budget | null {
  const value: unknown = scope.node.tryGetContext(BUDGET_CONTEXT);
  if (value === undefined) return null;
  const budget = typeof value === 'string' ? parsed(value) : value;
  const problem = budgetProblem(budget);
  if (problem === null) return budget as Budget;
  throw new UsageError(
    `The CDK context "${BUDGET_CONTEXT}" ${problem}. It is ${JSON.stringify(value)}; ` +
      `write it in cdk.json, or: cdk deploy -c ${BUDGET_CONTEXT}='{"usd": 20}'`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
