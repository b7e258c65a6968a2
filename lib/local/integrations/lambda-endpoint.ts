import { randomUUID } from 'node:crypto';
import type { LambdaInvocation } from '../../engine/task/lambda-invoke.ts';
import { TaskFailure } from '../../engine/task/task-port.ts';
import type { Functions } from './functions.ts';

/**
 * Calls functions on any server that speaks Lambda's Invoke API: `sam local start-lambda`, LocalStack,
 * a stub. Requests are not signed. Errors are named as Step Functions names them: the function's own
 * errorType, `Lambda.ResourceNotFoundException`, `Lambda.TooManyRequestsException`,
 * `Lambda.ServiceException`, and `Lambda.SdkClientException` where nothing answers.
 */
export function lambdaEndpoint(url: string): Functions {
  const base = url.replace(/\/+$/, '');
  return {
    refuse: () => undefined,
    async invoke(invocation, signal) {
      const response = await send(base, invocation, signal);
      const payload = await response.text();
      const requestId = response.headers.get('x-amzn-RequestId') ?? randomUUID();
      if (!response.ok) throw refused(response, payload, requestId);
      if (response.headers.has('X-Amz-Function-Error')) throw failed(payload);
      return {
        payload: payload === '' && response.status === 200 ? 'null' : payload,
        statusCode: response.status,
        requestId,
        executedVersion: response.headers.get('X-Amz-Executed-Version') ?? '$LATEST',
      };
    },
  };
}

async function send(
  base: string,
  invocation: LambdaInvocation,
  signal: AbortSignal,
): Promise<Response> {
  const { name, qualifier } = functionOf(invocation);
  const query = qualifier === undefined ? '' : `?Qualifier=${encodeURIComponent(qualifier)}`;
  const path = `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`;
  try {
    return await fetch(`${base}${path}${query}`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'X-Amz-Invocation-Type': invocation.invocationType,
      },
      body: invocation.payload,
      signal,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    const { code } = ((error as Error).cause ?? {}) as { code?: string };
    throw new TaskFailure(
      'Lambda.SdkClientException',
      `Unable to execute HTTP request: the Lambda endpoint cannot be reached (${code ?? 'no answer'}).`,
    );
  }
}

/** The bare name: servers that stand in for Lambda do not all know ARNs. */
export function functionOf({ functionName, qualifier }: LambdaInvocation): {
  readonly name: string;
  readonly qualifier: string | undefined;
} {
  const parts = functionName.split(':');
  const at = parts.lastIndexOf('function');
  const [name = '', own] = at >= 0 ? parts.slice(at + 1) : parts;
  return { name, qualifier: qualifier ?? own };
}

/** The function's own error: its errorType is the name, Lambda's JSON text the cause. */
function failed(payload: string): TaskFailure {
  try {
    const { errorType } = JSON.parse(payload) as { errorType?: unknown };
    if (typeof errorType === 'string' && errorType !== '')
      return new TaskFailure(errorType, payload);
  } catch {
    // Not Lambda's error shape: told as an unknown one.
  }
  return new TaskFailure('Lambda.Unknown', payload);
}

/** The Invoke API refused the call. */
function refused(response: Response, payload: string, requestId: string): TaskFailure {
  const { status, headers } = response;
  const type = headers.get('x-amzn-ErrorType')?.split(':')[0];
  const code = type ?? byStatus(status);
  return new TaskFailure(
    `Lambda.${code}`,
    `${messageOf(payload)} (Service: AWSLambda; Status Code: ${status}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null)`,
  );
}

function byStatus(status: number): string {
  if (status === 404) return 'ResourceNotFoundException';
  if (status === 429) return 'TooManyRequestsException';
  return status >= 500 ? 'ServiceException' : 'AWSLambdaException';
}

function messageOf(payload: string): string {
  try {
    const { Message, message } = JSON.parse(payload) as { Message?: unknown; message?: unknown };
    return String(Message ?? message ?? 'The call was refused.');
  } catch {
    return 'The call was refused.';
  }
}
