import { isDeepStrictEqual } from 'node:util';
import { lambdaInvocation, lambdaInvokeResult } from '../../lib/engine/task/lambda-invoke.ts';
import { type TaskCall, TaskFailure, type TaskPort } from '../../lib/engine/task/task-port.ts';
import type { Json } from '../../lib/json.ts';
import type { Stub } from './recording.ts';

const REQUEST_ID = '6f7c3c0e-6c1c-4c76-a3a2-3f6f0f1d9c11';

/** The Lambda functions of a recording, behind both ways of calling them. */
export function stubLambda(stubs: Readonly<Record<string, Stub>>): TaskPort {
  return {
    refuse: () => undefined,
    run(call) {
      if (call.resource.kind === 'lambda')
        return invoke(stubs, call.resource.arn, call.input, call);
      const { functionName, payload } = lambdaInvocation(call.input);
      return invoke(stubs, functionName, payload, call).then((result) =>
        lambdaInvokeResult(result, REQUEST_ID),
      );
    },
  };
}

async function invoke(
  stubs: Readonly<Record<string, Stub>>,
  functionName: string,
  payload: string,
  call: TaskCall,
): Promise<string> {
  const parts = functionName.split(':');
  const stub = stubs[(parts.length > 6 ? parts[6] : parts[0]) ?? ''];
  if (!stub) throw notFound(functionName);
  const event = JSON.parse(payload) as Json;
  switch (stub.kind) {
    case 'echo':
      return payload;
    case 'return-constant':
      return JSON.stringify(stub.value);
    case 'return-repeat':
      return JSON.stringify(stub.text.repeat(stub.count));
    case 'raise':
      throw raised(stub.errorType, stub.errorMessage);
    case 'sleep-then-echo':
      await call.sleep(stub.seconds * 1000);
      return payload;
    case 'table':
      return JSON.stringify(
        stub.calls.find(({ input }) => isDeepStrictEqual(input, event))?.output,
      );
  }
}

function raised(errorType: string, errorMessage: string): TaskFailure {
  const cause = { errorMessage, errorType, requestId: REQUEST_ID, stackTrace: [] };
  return new TaskFailure(errorType, JSON.stringify(cause));
}

function notFound(functionName: string): TaskFailure {
  const arn = functionName.startsWith('arn:')
    ? functionName
    : `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`;
  return new TaskFailure(
    'Lambda.ResourceNotFoundException',
    `Function not found: ${arn}:$LATEST (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: ${REQUEST_ID}; Proxy: null)`,
  );
}
