import { ModelError } from '../errors.ts';
import { textField } from '../field.ts';
import type { SubmitDesk } from './desk.ts';
import type { Job } from './job.ts';

/**
 * Writes down what the provider calls the attempt that it has taken.
 *
 * A job that is gone by now was answered by an early webhook, which this does no harm, or given up: then
 * nobody wants the attempt, and the provider stops. Where the table fails nobody could look after it or
 * stop it later, and whoever believes it lost pays for it twice: it is stopped at once.
 * @throws ModelError what the table throws, where the provider has stopped; where it has not, the webhook
 *   still finds the job, whose id is in the response's metadata
 */
export async function noted(sent: Job, { jobs, responses }: SubmitDesk): Promise<void> {
  const { response = '', request } = sent;
  const stop = () => responses.cancel(response, request.model).catch(() => null);
  try {
    if (!(await jobs.taken(sent))) await stop();
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    const told = await stop();
    if (textField(told?.data, 'status') === 'cancelled') throw error;
  }
}
