import { batchCallsOf } from '../batch/calls.ts';
import { dynamoBatches } from '../batch/dynamo-batches.ts';
import { dynamoWaiting } from '../batch/dynamo-waiting.ts';
import type { BatchParts } from '../batch/parts.ts';
import type { Environment } from '../connection.ts';
import { ModelError } from '../errors.ts';
import { providerOfFunction } from '../function-provider.ts';
import { budgetTableOf, limiterOf } from '../limiter/function-limiter.ts';
import type { SubmitDesk } from './desk.ts';
import { dynamoJobs } from './dynamo-jobs.ts';
import { responsesOf } from './responses.ts';

/**
 * What a function of the lanes 'background' and 'batch' works with, from its environment: that of a model function (see
 * functions/model-call.ts), and CLOUDGATHER_RUN_TABLE, the table in which the open jobs are.
 * @throws ModelError 'Model.Rejected' where the environment lacks something
 */
export function deskOf(environment: Environment): SubmitDesk & { readonly batch: BatchParts } {
  const { provider, baseURL } = providerOfFunction(environment);
  const table = environment.CLOUDGATHER_RUN_TABLE;
  if (!table) {
    throw new ModelError(
      'Model.Rejected',
      `This function cannot keep the background calls of ${provider.name}: CLOUDGATHER_RUN_TABLE must name the run table.`,
      { provider: provider.name, model: 'unknown' },
    );
  }
  const at = { provider, baseURL, environment };
  return {
    ...at,
    jobs: dynamoJobs(table, provider.name, environment),
    responses: responsesOf(at),
    batch: {
      waiting: dynamoWaiting(table, provider.name, environment),
      rows: dynamoBatches(table, provider.name, environment),
      calls: batchCallsOf(at),
    },
    limiter: limiterOf(environment),
    budgetTable: budgetTableOf(environment),
    now: Date.now,
  };
}
