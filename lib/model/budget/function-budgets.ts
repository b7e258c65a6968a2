import type { Environment } from '../connection.ts';
import { budgetTableOf } from '../limiter/function-limiter.ts';
import type { ModelRequest } from '../request.ts';
import type { Budgets } from './budgeted-call.ts';
import { pursesOf } from './budgets-in-force.ts';

/** The budgets that a model function's call is paid from, and where they are kept. */
export function functionBudgets(
  request: ModelRequest,
  provider: string,
  environment: Environment,
): Budgets {
  const purses = pursesOf(request, environment);
  return { purses, provider, table: purses.length === 0 ? null : budgetTableOf(environment) };
}
