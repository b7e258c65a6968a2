import type { Environment } from '../connection.ts';
import { ModelError } from '../errors.ts';
import { providerOfFunction } from '../function-provider.ts';
import { budgetTableOf, limiterOf } from '../limiter/function-limiter.ts';
import type { SubmitDesk } from './desk.ts';
import { dynamoJobs } from './dynamo-jobs.ts';
import { responsesOf } from './responses.ts';

/**
 * What a function of this lane works with, from its environment: that of a model function (see
 * functions/model-call.ts), and CLOUDGATHER_RUN_TABLE, the table in which the open jobs are.
 * @throws ModelError 'Model.Rejected' where the environment lacks something
 */
export function deskOf(environment: Environment): SubmitDesk {
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
    limiter: limiterOf(environment),
    budgetTable: budgetTableOf(environment),
    now: Date.now,
  };
}
