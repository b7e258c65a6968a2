import { budgetedCall } from '../lib/model/budget/budgeted-call.ts';
import { functionBudgets } from '../lib/model/budget/function-budgets.ts';
import { signingFrom } from '../lib/model/connection.ts';
import { providerOfFunction } from '../lib/model/function-provider.ts';
import { withKey } from '../lib/model/key.ts';
import { limiterOf, reachLimiter } from '../lib/model/limiter/function-limiter.ts';
import { limitedCall } from '../lib/model/limiter/limited-call.ts';
import { checkRequest } from '../lib/model/request-check.ts';
import type { ModelResult } from '../lib/model/result.ts';
import { reusedCall } from '../lib/model/reuse.ts';
import { tellerOf } from '../lib/model/stream/function-teller.ts';
import type { Piece } from '../lib/model/stream/piece.ts';
import { warmUp } from '../lib/model/warm-up.ts';
import { withPayloads } from '../lib/payload/model-function.ts';

await Promise.all([warmUp(), reachLimiter(process.env)]);

/**
 * Lambda's context. The local host adds a signal that is aborted when the invocation is stopped, and
 * takes what is told of the answer while it comes.
 */
export interface ModelCallContext {
  getRemainingTimeInMillis(): number;
  readonly signal?: AbortSignal;
  tell?(piece: Piece): void;
}

/**
 * One model call: a `ModelRequest` in, a `ModelResult` out, or a `ModelError` by its name.
 *
 * Environment: CLOUDGATHER_PROVIDER (a name of the provider table, or of a URL); CLOUDGATHER_BASE_URL
 * (required for a URL, else replaces the table's); CLOUDGATHER_KEY_SECRET_ARN, or on this machine
 * CLOUDGATHER_API_KEY; CLOUDGATHER_LIMITER_TABLE, or on this machine CLOUDGATHER_LIMITER_CHANNEL and
 * CLOUDGATHER_BUDGET_CHANNEL; CLOUDGATHER_DAY_BUDGET_USD and CLOUDGATHER_DAY_BUDGET_TOKENS;
 * CLOUDGATHER_PAYLOADS, where requests and results that are too large for the run's data are kept. A
 * call of a watched run is streamed, and its text told as it comes: to the local host, or by the table
 * CLOUDGATHER_TOKEN_TABLE.
 */
export const handler = (event: unknown, context: ModelCallContext): Promise<ModelResult> =>
  withPayloads(event, (request) => answer(request, context));

async function answer(event: unknown, context: ModelCallContext): Promise<ModelResult> {
  const deadline = Date.now() + context.getRemainingTimeInMillis();
  const { provider, baseURL } = providerOfFunction(process.env);
  const request = checkRequest(event, provider.name);
  const signing = signingFrom(process.env, provider);
  const budgets = functionBudgets(request, provider.name, process.env);
  const by = { limiter: limiterOf(process.env), provider, baseURL };
  const call = () =>
    limitedCall(request, by, async (onHeaders) => {
      const teller = tellerOf(request, context, process.env);
      // The provider's client is loaded by the first call that goes: one that has to wait needs none.
      const { callModel } = await import('../lib/model/call.ts');
      return withKey(process.env, { provider: provider.name, model: request.model }, (apiKey) =>
        budgetedCall(request, budgets, (bounded, account) =>
          callModel(
            bounded,
            { provider, baseURL, apiKey, ...(signing ? { signing } : {}) },
            {
              deadline,
              onHeaders,
              ...(account ? { account } : {}),
              ...(context.signal ? { signal: context.signal } : {}),
              ...(teller ? { onText: (text, answer) => teller.text(text, answer) } : {}),
            },
          ),
        ),
      ).finally(() => teller?.end());
    });
  return reusedCall(request, { provider: provider.name, baseURL }, call);
}
