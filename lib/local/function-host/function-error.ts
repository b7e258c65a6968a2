/**
 * A function failed, in Lambda's words. `errorType` is what a workflow's `ErrorEquals` matches: the
 * `name` of what the handler threw, or one of Lambda's own (`Sandbox.Timedout`, `Runtime.ExitError`).
 *
 * `cause` is what Step Functions records as the Cause: the JSON text that Lambda answers,
 * `{"errorType","errorMessage","trace"}` from a handler on Node.js, without a trace from Lambda itself
 * (aws-lambda-nodejs-runtime-interface-client 4, `formatError`); plain text where the Invoke API
 * refused the call. It is not cut to the 32,768 characters that a history keeps.
 */
export class FunctionError extends Error {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stackTrace: readonly string[];
  override readonly cause: string;

  constructor(
    errorType: string,
    errorMessage: string,
    cause: string,
    stackTrace: readonly string[] = [],
  ) {
    // A failing function is data, not a bug of the host's: its own trace is shown, and none captured.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(`${errorType}: ${errorMessage}`);
    Error.stackTraceLimit = limit;
    this.name = 'FunctionError';
    this.errorType = errorType;
    this.errorMessage = errorMessage;
    this.stackTrace = stackTrace;
    this.cause = cause;
    if (stackTrace.length > 0) this.stack = `FunctionError: ${stackTrace.join('\n')}`;
  }
}

/** From the JSON text that a worker sends. */
export function functionErrorFrom(cause: string): FunctionError {
  const { errorType, errorMessage, trace } = JSON.parse(cause) as {
    errorType?: string;
    errorMessage?: string;
    trace?: string[];
  };
  return new FunctionError(errorType ?? 'Error', errorMessage ?? '', cause, trace);
}
