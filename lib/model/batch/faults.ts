import type { Job } from '../background/job.ts';
import { aborted } from '../background/outcome.ts';
import { ModelError } from '../errors.ts';

/** No batch has answered the call in time. */
export function expired(job: Job, provider: string): ModelError {
  const { model } = job.request;
  const seconds = Math.round((job.deadline - job.started) / 1000);
  return withSpend(
    job,
    new ModelError(
      'Model.BatchExpired',
      `No batch of ${provider}:${model} answered the call within ${seconds} seconds. It is made in the lane 'sync'; raise the step's timeout to give batches more time.`,
      { provider, model },
    ),
  );
}

/** Somebody has stopped its batch at the provider. */
export function cancelled(job: Job, provider: string): ModelError {
  return withSpend(job, aborted(provider, job.request.model));
}

/** Its batch is over, and says nothing of it. */
export function missing(job: Job, provider: string): ModelError {
  const { model } = job.request;
  return withSpend(
    job,
    new ModelError(
      'Model.Unavailable',
      `${provider}:${model} ended the call's batch without a word of the call. Retry; the call may have been paid for.`,
      { provider, model },
    ),
  );
}

/** The error, with what the job's earlier attempts have used. */
export function withSpend({ spend }: Job, error: ModelError): ModelError {
  return spend ? error.withSpend(spend) : error;
}
