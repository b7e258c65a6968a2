import type { Json, JsonObject } from '../../json.ts';
import { TaskFailure } from './task-port.ts';

/** What `arn:aws:states:::lambda:invoke` asks for. */
export interface LambdaInvocation {
  /** A name, a partial ARN or an ARN, qualifier not included. */
  readonly functionName: string;
  readonly qualifier: string | undefined;
  /** 'RequestResponse' unless the parameters say otherwise. */
  readonly invocationType: string;
  /** JSON text. */
  readonly payload: string;
}

/**
 * Reads the parameters of `lambda:invoke` as AWS does: a string Payload is sent as the raw text that it
 * is ("0.0" reaches the function as a number), an absent or null Payload as `{}`.
 */
export function lambdaInvocation(parameters: string): LambdaInvocation {
  const fields = JSON.parse(parameters) as JsonObject;
  const { FunctionName: name, Payload: payload, Qualifier: qualifier } = fields;
  if (typeof name !== 'string' || name === '') {
    throw new TaskFailure(
      'States.Runtime',
      'The Parameters of lambda:invoke name no function: FunctionName must be a non-empty string.',
    );
  }
  return {
    functionName: name,
    qualifier: typeof qualifier === 'string' ? qualifier : undefined,
    invocationType:
      typeof fields.InvocationType === 'string' ? fields.InvocationType : 'RequestResponse',
    payload: payloadText(payload),
  };
}

function payloadText(payload: Json | undefined): string {
  if (payload === undefined || payload === null) return '{}';
  if (typeof payload !== 'string') return JSON.stringify(payload);
  try {
    JSON.parse(payload);
    return payload;
  } catch {
    return JSON.stringify(payload);
  }
}

/** The envelope around a function's answer (JSON text), as `lambda:invoke` gives it to the state. */
export function lambdaInvokeResult(payload: string, requestId: string): string {
  const length = String(Buffer.byteLength(payload));
  const headers = {
    'X-Amz-Executed-Version': '$LATEST',
    'Content-Length': length,
    'Content-Type': 'application/json',
    'x-amzn-RequestId': requestId,
  };
  const all = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  const metadata = JSON.stringify({
    SdkHttpMetadata: { AllHttpHeaders: all, HttpHeaders: headers, HttpStatusCode: 200 },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: 200,
  });
  return `{"ExecutedVersion":"$LATEST","Payload":${payload},${metadata.slice(1)}`;
}
