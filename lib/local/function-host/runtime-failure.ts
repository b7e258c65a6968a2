import { localFunctionArn } from './environment.ts';
import { FunctionError } from './function-error.ts';

/** Lambda's limit for what a synchronous invocation is given, in bytes of UTF-8: 6 MiB. */
const MAX_PAYLOAD_BYTES = 6_291_456;

/** A failure that Lambda itself reports: it has no trace. */
function runtimeFailure(errorType: string, requestId: string, what: string): FunctionError {
  const errorMessage = `RequestId: ${requestId} Error: ${what}`;
  return new FunctionError(errorType, errorMessage, JSON.stringify({ errorType, errorMessage }));
}

/** An invocation passed its time limit. */
export function timedOut(requestId: string, timeoutMs: number): FunctionError {
  return runtimeFailure('Sandbox.Timedout', requestId, timeoutText(timeoutMs));
}

export function timeoutText(timeoutMs: number): string {
  return `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
}

/** The function called `process.exit(code)` in this invocation, or ended without saying why. */
export function exited(requestId: string, code: number): FunctionError {
  const what =
    code === 0
      ? 'Runtime exited without providing a reason'
      : `Runtime exited with error: exit status ${code}`;
  return runtimeFailure('Runtime.ExitError', requestId, what);
}

/**
 * Another invocation ended the worker that this one ran in. On AWS each would have had a runtime of
 * its own, so the name is the one that a workflow retries, and the text says whose fault it was.
 */
export function exitedBecause(requestId: string, why: string): FunctionError {
  return runtimeFailure('Runtime.ExitError', requestId, `Runtime exited because ${why}`);
}

/** The worker reached its memory limit. */
export function outOfMemory(requestId: string): FunctionError {
  const what = 'Runtime exited with error: signal: killed';
  return runtimeFailure('Runtime.OutOfMemory', requestId, what);
}

/** Refused before the function is started, as the Invoke API does and Step Functions records it. */
export function refusePayload(payload: string, requestId: string): FunctionError | undefined {
  // A UTF-16 unit takes at most three bytes of UTF-8: most payloads need no counting.
  if (payload.length * 3 <= MAX_PAYLOAD_BYTES) return undefined;
  if (Buffer.byteLength(payload) <= MAX_PAYLOAD_BYTES) return undefined;
  return apiFailure(
    'RequestEntityTooLargeException',
    413,
    `Request must be smaller than ${MAX_PAYLOAD_BYTES} bytes for the InvokeFunction operation`,
    requestId,
  );
}

/** No function of that name is in the host. */
export function functionNotFound(name: string, requestId: string): FunctionError {
  const what = `Function not found: ${localFunctionArn(name)}:$LATEST`;
  return apiFailure('ResourceNotFoundException', 404, what, requestId);
}

function apiFailure(code: string, status: number, what: string, requestId: string): FunctionError {
  const cause = `${what} (Service: AWSLambda; Status Code: ${status}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null)`;
  return new FunctionError(`Lambda.${code}`, what, cause);
}
