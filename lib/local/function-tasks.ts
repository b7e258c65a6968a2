import { type TaskCall, TaskFailure, type TaskPort } from '../engine/task/task-port.ts';
import { FunctionError } from './function-host/function-error.ts';
import type { FunctionHost } from './function-host/function-host.ts';

/**
 * Serves a document's Lambda ARNs from the function host. Errors reach Retry and Catch as they would
 * in AWS: `errorType` as the name, Lambda's JSON text as the cause.
 */
export function functionTasks(host: () => FunctionHost, names: ReadonlySet<string>): TaskPort {
  return {
    refuse(resource) {
      const name = functionName(resource);
      if (name === undefined) {
        return `The resource '${resource}' is not served by this runner: it calls Lambda functions only.`;
      }
      if (names.has(name)) return undefined;
      return `The function '${name}' is not one of this runner's: ${[...names].join(', ') || 'it has none'}.`;
    },
    async run(call: TaskCall): Promise<string> {
      const name = functionName(call.resource.arn) ?? call.resource.arn;
      try {
        return await host().invoke(name, call.input, { signal: call.signal });
      } catch (error) {
        if (error instanceof FunctionError) throw new TaskFailure(error.errorType, error.cause);
        throw error;
      }
    },
  };
}

/** 'model-openai' of 'arn:aws:lambda:us-east-1:000000000000:function:model-openai:live'. */
function functionName(resource: string): string | undefined {
  return /^arn:[^:]*:lambda:[^:]*:[^:]*:function:([^:]+)(?::[^:]+)?$/.exec(resource)?.[1];
}
