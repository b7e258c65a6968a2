import { parseResource } from '../../engine/task/resource.ts';
import { type TaskCall, TaskFailure, type TaskPort } from '../../engine/task/task-port.ts';
import { awsSdk } from './aws-sdk.ts';
import { type Connections, environmentConnections } from './connections.ts';
import { optimizedDynamodb } from './dynamodb.ts';
import { optimizedEvents } from './events.ts';
import type { Functions } from './functions.ts';
import { httpInvoke } from './http-invoke.ts';
import type { Integration, ServiceCall } from './integration.ts';
import { callFunction, lambdaInvoke } from './lambda.ts';
import { optimizedSns } from './sns.ts';
import { optimizedSqs } from './sqs.ts';
import { type ExecutionStarter, startExecution } from './start-execution.ts';

export interface IntegrationOptions {
  /** Calls Lambda functions. Default: Lambda is refused. */
  readonly functions?: Functions;
  /** Starts executions for `states:startExecution`. Default: it is refused. */
  readonly executions?: ExecutionStarter;
  /** Serves `aws-sdk:sfn:*`, Step Functions' own API. Default: it is refused. */
  readonly stepFunctions?: Integration;
  /**
   * Where AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE>, AWS_REGION and credentials are read.
   * Default: process.env. A service without an endpoint is refused: nothing here calls AWS itself.
   */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** What authorizes HTTP tasks. Default: `environmentConnections(environment)`. */
  readonly connections?: Connections;
}

/**
 * Serves the tasks of state machines: Lambda functions, HTTP endpoints, nested executions, and AWS
 * services through the AWS SDK against configured endpoints. Activities are the engine's own.
 */
export function createIntegrations(options: IntegrationOptions = {}): TaskPort {
  const { functions, environment = process.env } = options;
  const services = servicesOf(options, environment);
  const sdk = awsSdk(environment);
  const integrationOf = (service: string): Integration | undefined =>
    services.get(service) ?? (service.startsWith('aws-sdk:') ? sdk : undefined);
  return {
    refuse(arn) {
      const resource = parseResource(arn);
      if (resource === undefined) return 'It is not the ARN of anything that a Task can call.';
      if (resource.kind === 'activity') return undefined;
      if (resource.kind === 'lambda')
        return functions ? functions.refuse(resource.arn) : noFunctions();
      if (resource.service === 'lambda' && !functions) return noFunctions();
      const integration = integrationOf(resource.service);
      return integration ? integration.refuse(resource) : unknownService(resource.service);
    },
    async run(call: TaskCall) {
      const { resource } = call;
      if (resource.kind === 'lambda' && functions) return await callFunction(functions, call);
      const integration = resource.kind === 'service' ? integrationOf(resource.service) : undefined;
      if (!integration)
        throw new TaskFailure('States.Runtime', `Nothing here serves '${resource.arn}'.`);
      return await integration.run(call as ServiceCall);
    },
  };
}

function servicesOf(
  { functions, executions, stepFunctions, connections }: IntegrationOptions,
  environment: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, Integration> {
  const services = new Map<string, Integration>([
    ['http', httpInvoke(connections ?? environmentConnections(environment))],
    ['dynamodb', optimizedDynamodb(environment)],
    ['sqs', optimizedSqs(environment)],
    ['sns', optimizedSns(environment)],
    ['events', optimizedEvents(environment)],
  ]);
  if (functions) services.set('lambda', lambdaInvoke(functions));
  if (executions) services.set('states', startExecution(executions));
  if (stepFunctions) services.set('aws-sdk:sfn', stepFunctions);
  return services;
}

function noFunctions(): string {
  return 'No Lambda functions are served here. Name a server that speaks the Invoke API: --lambda-endpoint URL.';
}

function unknownService(service: string): string {
  return `The service '${service}' is not served: served are Lambda, activities, http, states, dynamodb, sqs, sns, events, and aws-sdk with dynamodb, s3, sqs, sns, eventbridge and secretsmanager.`;
}
