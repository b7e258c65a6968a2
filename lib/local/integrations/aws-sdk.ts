import { TaskFailure } from '../../engine/task/task-port.ts';
import type { JsonObject } from '../../json.ts';
import { sdkFailure } from './aws-failure.ts';
import { type AwsService, callService, type Environment, refuseApi } from './aws-service.ts';
import type { Integration, ServiceResource } from './integration.ts';
import { outputJson } from './result-json.ts';
import { awsServices } from './services.ts';

/** `arn:aws:states:::aws-sdk:<service>:<api>`, as it is and with `.waitForTaskToken`. */
export function awsSdk(environment: Environment): Integration {
  return {
    refuse(resource) {
      const service = serviceOf(resource);
      if (!service) {
        return `Of aws-sdk the services ${Object.keys(awsServices).join(', ')} are served.`;
      }
      if (resource.pattern !== 'request' && resource.pattern !== 'waitForTaskToken')
        return `aws-sdk has no pattern .${resource.pattern}.`;
      return refuseApi(service, resource.api, environment);
    },
    async run(call) {
      const service = serviceOf(call.resource);
      if (!service) throw new TaskFailure('States.Runtime', 'The service is not served here.');
      try {
        const parameters = JSON.parse(call.input) as JsonObject;
        return outputJson((await callService(service, call, environment, parameters)).output);
      } catch (error) {
        if (error instanceof TaskFailure || call.signal.aborted) throw error;
        throw sdkFailure(service, error);
      }
    },
  };
}

function serviceOf({ service }: ServiceResource): AwsService | undefined {
  const name = service.slice('aws-sdk:'.length);
  return Object.hasOwn(awsServices, name) ? awsServices[name] : undefined;
}
