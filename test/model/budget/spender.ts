/** Makes 100 calls at once under one budget that others share, and prints how many were paid. */
import { storedTable } from '../../../lib/local/limiter/stored-table.ts';
import { budgetedCall } from '../../../lib/model/budget/budgeted-call.ts';
import { pursesOf } from '../../../lib/model/budget/budgets-in-force.ts';
import { mostCost } from '../../../lib/model/budget/cost.ts';
import { dynamoTable } from '../../../lib/model/limiter/dynamo-table.ts';

const { TABLE, FOLDER = '', REQUEST = '', BUDGET = '' } = process.env;
const request = JSON.parse(REQUEST);
const table = TABLE ? dynamoTable(TABLE, process.env, 30_000) : storedTable(FOLDER);
const budgets = { purses: pursesOf({ budget: JSON.parse(BUDGET) }, {}), provider: 'openai', table };
const { tokens } = mostCost(request, 'openai');

const ends = await Promise.allSettled(
  Array.from({ length: 100 }, () =>
    budgetedCall(request, budgets, async (bounded, account) => {
      await account?.reserve(bounded);
      await new Promise((resolve) => setTimeout(resolve, 5));
      const usage = {
        inputTokens: tokens - 100,
        outputTokens: 100,
        totalTokens: tokens,
        cachedInputTokens: 0,
        reasoningTokens: 0,
      };
      account?.answered({ usage, price: null });
    }),
  ),
);
const odd = ends.find((end) => end.status === 'rejected' && end.reason.name !== 'Budget.Exceeded');
if (odd) throw odd;
process.stdout.write(String(ends.filter(({ status }) => status === 'fulfilled').length));
