/**
 * How a model call is made. Its result has the same shape in every lane.
 *
 * - 'sync': a Lambda function makes the call and waits for the answer, up to 15 minutes.
 * - 'background': the provider is given the call and tells by a webhook when it is done; nothing runs
 *   meanwhile, and the call may take a day. For providers with a background mode: see `Provider.background`.
 * - 'batch': calls of many runs go to the provider together, at its price for batches, and are answered
 *   within hours; what no batch has answered in time is called as in 'sync'. See lib/model/batch.
 * - 'http': Step Functions itself calls the provider, up to 60 seconds, and no function runs. What takes a
 *   function is refused by name: see lib/workflow/http-lane.ts.
 */
export type Lane = 'sync' | 'background' | 'batch' | 'http';

/** Those that a model may have. */
export const lanes: readonly Lane[] = ['sync', 'background', 'batch', 'http'];
