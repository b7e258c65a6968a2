/**
 * How a model call is made. Its result has the same shape in every lane.
 *
 * - 'sync': a Lambda function makes the call and waits for the answer, up to 15 minutes.
 * - 'background': the provider is given the call and tells by a webhook when it is done; nothing runs
 *   meanwhile, and the call may take a day. For providers with a background mode: see `Provider.background`.
 */
export type Lane = 'sync' | 'background';

export const lanes: readonly Lane[] = ['sync', 'background'];
