import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai';
import { ModelError } from './errors.ts';
import { isUnsent, networkFault } from './network-fault.ts';
import { type FaultOf, fault, statusFault } from './status-fault.ts';

/**
 * Names what the openai package threw. Every error of that package is called 'Error', and its message
 * and body can echo the prompt and the key: they are classified here and left behind.
 */
export function faultOf(thrown: unknown, of: FaultOf): ModelError {
  if (thrown instanceof APIConnectionTimeoutError) return networkFault(thrown, of, 'Model.Timeout');
  if (thrown instanceof APIConnectionError) {
    const error = networkFault(thrown, of, 'Model.Unavailable');
    return new ModelError(error.name, error.message, { ...error, isUnsent: isUnsent(thrown) });
  }
  if (thrown instanceof APIError && typeof thrown.status === 'number') {
    return statusFault(thrown.status, thrown.error, thrown.headers, of);
  }
  if (thrown instanceof SyntaxError) {
    return fault(
      of,
      'Model.Unavailable',
      200,
      'answered with status 200 and a body that is not whole JSON. Check that the base URL points to an OpenAI-compatible API, or retry.',
    );
  }
  return networkFault(thrown, of, 'Model.Unavailable');
}
