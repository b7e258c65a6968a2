import type { ModelErrorName } from './errors.ts';

/**
 * What an HTTP Task's error is called in the other lanes, by the status alone: nothing else of a failed
 * reply comes out of Step Functions. The document says the same in JSONata (lib/asl/states/lane/http-failure.ts).
 * An error that is no model's keeps its name.
 *
 * @param cause of a failed evaluation, which ends in the name that the state's Output told
 */
export function httpErrorName(error: string, cause: string): string {
  if (error === 'States.Timeout' || error === 'States.Http.Socket') return timeout;
  if (error === 'States.QueryEvaluationError') {
    return /(Model\.[A-Za-z]+)[^A-Za-z']*$/.exec(cause)?.[1] ?? unusable;
  }
  const [, status] = /^States\.Http\.StatusCode\.([0-9]+)$/.exec(error) ?? [];
  return status === undefined ? error : ofStatus(Number(status));
}

/** How the failure of such a call is told, here and in the document: nothing that a provider said is in it. */
export const httpErrorWords = {
  of: (provider: string, model: string) =>
    `${provider}:${model}, called by Step Functions itself, `,
  unusable:
    'gave an answer that cannot be used: it was cut off, refused, empty or not what was asked for.',
  failed: 'failed with ',
};

/** The cause of such a failure: provider, model and Step Functions' own name of the error. */
export function httpErrorCause(provider: string, model: string, error: string): string {
  const { of, unusable, failed } = httpErrorWords;
  const what = error === 'States.QueryEvaluationError' ? unusable : `${failed}${error}.`;
  return `${of(provider, model)}${what}`;
}

const timeout: ModelErrorName = 'Model.Timeout';
const unusable: ModelErrorName = 'Model.OutputInvalid';

function ofStatus(status: number): ModelErrorName {
  if (status === 429) return 'Model.RateLimited';
  if (status === 402) return 'Model.QuotaExhausted';
  if ([408, 504, 524].includes(status)) return timeout;
  if ([498, 503, 529].includes(status)) return 'Model.Overloaded';
  if (status >= 500 || [409, 424, 425, 499].includes(status)) return 'Model.Unavailable';
  return status === 401 || status === 403 ? 'Model.Unauthorized' : 'Model.Rejected';
}
