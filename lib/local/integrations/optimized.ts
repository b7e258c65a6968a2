import { TaskFailure } from '../../engine/task/task-port.ts';
import type { JsonObject } from '../../json.ts';
import { type OptimizedNames, optimizedFailure } from './aws-failure.ts';
import {
  type AwsAnswer,
  type AwsService,
  callService,
  type Environment,
  refuseApi,
} from './aws-service.ts';
import type { Integration } from './integration.ts';
import { outputWithMetadata } from './result-json.ts';

/** What makes one service's optimized integration. */
export interface OptimizedService {
  readonly service: AwsService;
  readonly names: OptimizedNames;
  /** The APIs of the integration (AWS: "Integrating optimized services"). */
  readonly apis: readonly string[];
  /** Whether `.waitForTaskToken` is one of its patterns. */
  readonly waitsForToken: boolean;
  /** What the integration does to the parameters before it calls the service. */
  parameters?(
    parameters: JsonObject,
    call: { readonly executionArn: string; readonly stateMachineArn: string },
  ): JsonObject;
  /** The service's answer as the state's result. Default: the output with the SDK's metadata. */
  result?(answer: AwsAnswer): string;
}

/** An integration `arn:aws:states:::<service>:<api>` over the AWS SDK. */
export function optimized(options: OptimizedService, environment: Environment): Integration {
  const { service, names, apis, waitsForToken } = options;
  return {
    refuse({ api, pattern }) {
      if (!apis.includes(api)) return `Its APIs are ${apis.join(', ')}.`;
      if (pattern !== 'request' && !(waitsForToken && pattern === 'waitForTaskToken'))
        return `It has no pattern .${pattern}.`;
      return refuseApi(service, api, environment);
    },
    async run(call) {
      const given = JSON.parse(call.input) as JsonObject;
      const parameters = options.parameters?.(given, call) ?? given;
      let answer: AwsAnswer;
      try {
        answer = await callService(service, call, environment, parameters);
      } catch (error) {
        if (error instanceof TaskFailure || call.signal.aborted) throw error;
        throw optimizedFailure(service, names, error);
      }
      return (options.result ?? outputWithMetadata)(answer);
    },
  };
}
