import { randomUUID } from 'node:crypto';
import { parseResource } from '../engine/task/resource.ts';
import { type TaskCall, TaskFailure, type TaskPort } from '../engine/task/task-port.ts';
import { FunctionError } from './function-host/function-error.ts';
import type { FunctionHost } from './function-host/function-host.ts';
import type { Functions } from './integrations/functions.ts';
import type { ServiceCall } from './integrations/integration.ts';
import { callFunction, lambdaInvoke } from './integrations/lambda.ts';

/**
 * Serves a document's Lambda functions from the function host: by their ARNs, and by
 * `lambda:invoke.waitForTaskToken`. Errors reach Retry and Catch as they would in AWS: `errorType` as
 * the name, Lambda's JSON text as the cause.
 */
export function functionTasks(host: () => FunctionHost, names: ReadonlySet<string>): TaskPort {
  const functions = hostFunctions(host, names);
  const invoking = lambdaInvoke(functions);
  return {
    refuse(resource) {
      const parsed = parseResource(resource);
      if (parsed?.kind === 'lambda') return functions.refuse(resource);
      if (parsed?.kind === 'service' && parsed.service === 'lambda') return invoking.refuse(parsed);
      return `The resource '${resource}' is not served by this runner: it calls Lambda functions only.`;
    },
    run(call: TaskCall): Promise<string> {
      return call.resource.kind === 'service'
        ? invoking.run(call as ServiceCall)
        : callFunction(functions, call);
    },
  };
}

function hostFunctions(host: () => FunctionHost, names: ReadonlySet<string>): Functions {
  return {
    refuse(given) {
      const name = functionName(given);
      if (names.has(name)) return undefined;
      return `The function '${name}' is not one of this runner's: ${[...names].join(', ') || 'it has none'}.`;
    },
    async invoke({ functionName: given, payload }, signal) {
      const requestId = randomUUID();
      try {
        const answer = await host().invoke(functionName(given), payload, { signal, requestId });
        return { payload: answer, statusCode: 200, requestId, executedVersion: '$LATEST' };
      } catch (error) {
        if (error instanceof FunctionError) throw new TaskFailure(error.errorType, error.cause);
        throw error;
      }
    },
  };
}

/** 'model-openai' of 'arn:aws:lambda:us-east-1:000000000000:function:model-openai:live'. */
function functionName(given: string): string {
  return /^arn:[^:]*:lambda:[^:]*:[^:]*:function:([^:]+)(?::[^:]+)?$/.exec(given)?.[1] ?? given;
}
