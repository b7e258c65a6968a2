import {
  type LambdaInvocation,
  lambdaInvocation,
  lambdaInvokeResult,
} from '../../engine/task/lambda-invoke.ts';
import type { TaskCall } from '../../engine/task/task-port.ts';
import type { FunctionAnswer, Functions } from './functions.ts';
import type { Integration } from './integration.ts';

/** `arn:aws:states:::lambda:invoke`, with or without a task token. */
export function lambdaInvoke(functions: Functions): Integration {
  return {
    refuse({ api, pattern }) {
      if (api === 'invoke' && (pattern === 'request' || pattern === 'waitForTaskToken'))
        return undefined;
      return 'Of lambda the API invoke is served, as it is and with .waitForTaskToken.';
    },
    async run({ input, signal }) {
      const invocation = lambdaInvocation(input);
      const answer = await functions.invoke(invocation, signal);
      return resultOf(invocation, answer);
    },
  };
}

/** A Task whose Resource is the function's ARN: its input is the payload, the answer its result. */
export async function callFunction(functions: Functions, call: TaskCall): Promise<string> {
  const invocation: LambdaInvocation = {
    functionName: call.resource.arn,
    qualifier: undefined,
    invocationType: 'RequestResponse',
    payload: call.input,
  };
  return (await functions.invoke(invocation, call.signal)).payload;
}

function resultOf({ invocationType }: LambdaInvocation, answer: FunctionAnswer): string {
  const { payload, requestId, statusCode } = answer;
  if (invocationType === 'RequestResponse') return lambdaInvokeResult(payload, requestId);
  const headers = { 'x-amzn-RequestId': requestId };
  return JSON.stringify({
    Payload: payload,
    SdkHttpMetadata: {
      AllHttpHeaders: { 'x-amzn-RequestId': [requestId] },
      HttpHeaders: headers,
      HttpStatusCode: statusCode,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: statusCode,
  });
}
