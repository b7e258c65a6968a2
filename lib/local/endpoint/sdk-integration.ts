import { randomUUID } from 'node:crypto';
import { TaskFailure } from '../../engine/task/task-port.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { Integration, ServiceCall } from '../integrations/integration.ts';
import { withText } from '../integrations/text-member.ts';
import { operations } from './operations.ts';
import type { Service } from './service.ts';
import { ServiceError } from './service-error.ts';

/** `aws-sdk:sfn:<api>`: the service's own operations, for the tasks of its executions. */
export function sdkIntegration(service: () => Service): Integration {
  return {
    refuse({ api, pattern }) {
      if (!Object.hasOwn(operations, pascal(api)))
        return `Step Functions has no API of the name '${api}'.`;
      if (pattern === 'request' || pattern === 'waitForTaskToken') return undefined;
      return `aws-sdk has no pattern .${pattern}.`;
    },
    run: (call) => answer(service(), call),
  };
}

async function answer(service: Service, call: ServiceCall): Promise<string> {
  const { api } = call.resource;
  const given = withText(withText(JSON.parse(call.input) as JsonObject, 'Input'), 'Output');
  const [, , , region = '', account = ''] = call.stateMachineArn.split(':');
  try {
    const context = { place: { region, account }, signal: call.signal };
    const output = await operations[pascal(api)]?.(camelCased(given), service, context);
    return JSON.stringify(pascalCased(output as JsonObject));
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { name, message, status } = error;
    throw new TaskFailure(
      `Sfn.${name.endsWith('Exception') ? name : `${name}Exception`}`,
      `${message} (Service: Sfn, Status Code: ${status}, Request ID: ${randomUUID()})`,
    );
  }
}

function pascal(name: string): string {
  return `${name[0]?.toUpperCase()}${name.slice(1)}`;
}

function camel(name: string): string {
  return `${name[0]?.toLowerCase()}${name.slice(1)}`;
}

/** The parameters as the API has them: names begin small. */
function camelCased(value: JsonObject): JsonObject {
  return renamed(value, camel, (_name, each) => each) as JsonObject;
}

/** The answer as the SDK for Java has it: names begin large, times are ISO 8601. */
function pascalCased(value: JsonObject): JsonObject {
  return renamed(value, pascal, (name, each) =>
    typeof each === 'number' && /(?:Date|timestamp)$/.test(name)
      ? new Date(each * 1000).toISOString()
      : each,
  ) as JsonObject;
}

function renamed(
  value: Json,
  rename: (name: string) => string,
  member: (name: string, value: Json) => Json,
): Json {
  if (Array.isArray(value)) return value.map((each: Json) => renamed(each, rename, member));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as JsonObject)
    .filter(([, each]) => each !== undefined)
    .map(([name, each]) => [rename(name), renamed(member(name, each), rename, member)]);
  return Object.fromEntries(entries) as JsonObject;
}
