import { UsageError } from '../../errors.ts';
import type { Environment } from '../connection.ts';
import type { ModelRequest } from '../request.ts';
import { type Budget, budgetProblem } from './budget.ts';
import type { Purse } from './purse.ts';

const day = 86_400;
/** A run lasts a year at most, and can be redriven for two weeks after its end (AWS: Standard workflows). */
const runKept = 400 * day;
/** Long enough to be looked at afterwards. */
const dayKept = 40 * day;

/** The deployment's budget for each day, in UTC; null: it has none. */
export const dayBudgetVariables = {
  usd: 'CLOUDGATHER_DAY_BUDGET_USD',
  tokens: 'CLOUDGATHER_DAY_BUDGET_TOKENS',
} as const;

/** @throws UsageError for what is no budget */
export function dayBudgetIn(environment: Environment): Budget | null {
  const entries = Object.entries(dayBudgetVariables).flatMap(([unit, variable]) => {
    const text = environment[variable]?.trim();
    return text ? [[unit, Number(text)] as const] : [];
  });
  if (entries.length === 0) return null;
  const budget = Object.fromEntries(entries) as Budget;
  const problem = budgetProblem(budget);
  if (problem === null) return budget;
  throw new UsageError(
    `The budget of the day (${Object.values(dayBudgetVariables).join(', ')}) ${problem}.`,
  );
}

/** The variables that hold a day's budget. */
export function dayBudgetEnvironment(budget: Budget | null): Readonly<Record<string, string>> {
  if (budget === null) return {};
  const { usd, tokens } = dayBudgetVariables;
  return {
    ...(budget.usd === undefined ? {} : { [usd]: String(budget.usd) }),
    ...(budget.tokens === undefined ? {} : { [tokens]: String(budget.tokens) }),
  };
}

/** The purses that a call is paid from: the run's, then the day's. */
export function pursesOf(
  { budget }: Pick<ModelRequest, 'budget'>,
  environment: Environment,
  now = Date.now(),
): readonly Purse[] {
  const seconds = Math.floor(now / 1000);
  const date = new Date(now).toISOString().slice(0, 10);
  const daily = dayBudgetIn(environment);
  const isScripted = environment.CLOUDGATHER_SCRIPTED !== undefined;
  return [
    ...(budget === undefined
      ? []
      : [
          {
            budget,
            key: `budget:run:${budget.run}`,
            words: "the run's budget",
            expires: seconds + runKept,
            mend: 'raise the budget of the workflow',
          },
        ]),
    ...(daily === null
      ? []
      : [
          {
            budget: daily,
            key: `budget:day:${isScripted ? 'scripted:' : ''}${date}`,
            words: `the deployment's budget of ${date} (UTC)`,
            expires: seconds + dayKept,
            mend: 'wait for the next day, or raise it (cloudgather:budget)',
          },
        ]),
  ];
}
