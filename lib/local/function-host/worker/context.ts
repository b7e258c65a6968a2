import type { WorkerStart } from '../message.ts';
import { post } from './outbox.ts';
import type { RunningInvocation } from './running.ts';

/**
 * The handler's second argument: Lambda's context for Node.js 24 (no callback-era members), and
 * `signal`, which is aborted when the invocation times out or its caller gives it up, and `tell`, which
 * lets the host hear of something before the answer. Lambda has neither: a handler that runs in both
 * reads them as optional.
 */
export interface FunctionContext {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly awsRequestId: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  getRemainingTimeInMillis(): number;
  readonly signal: AbortSignal;
  /** @throws DataCloneError for what no message can hold */
  tell(message: unknown): void;
}

/** Makes the context of each invocation; what they share is read once, for reading `process.env` is slow. */
export function contextMaker(
  start: WorkerStart,
): (invocation: RunningInvocation) => FunctionContext {
  const { env } = process;
  const functionVersion = env.AWS_LAMBDA_FUNCTION_VERSION ?? '$LATEST';
  const memoryLimitInMB = env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? '';
  const logGroupName = env.AWS_LAMBDA_LOG_GROUP_NAME ?? '';
  const logStreamName = env.AWS_LAMBDA_LOG_STREAM_NAME ?? '';
  return (invocation) => ({
    functionName: start.functionName,
    functionVersion,
    invokedFunctionArn: start.functionArn,
    memoryLimitInMB,
    awsRequestId: invocation.requestId,
    logGroupName,
    logStreamName,
    getRemainingTimeInMillis: () => invocation.deadline - Date.now(),
    tell: (message) => post({ kind: 'told', message }),
    get signal() {
      return invocation.signal;
    },
  });
}
