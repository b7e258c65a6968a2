import { TaskFailure } from '../../engine/task/task-port.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { AwsAnswer, Environment } from './aws-service.ts';
import type { Integration } from './integration.ts';
import { optimized } from './optimized.ts';
import { outputJson } from './result-json.ts';
import { awsServices } from './services.ts';
import { withText } from './text-member.ts';

/**
 * `events:putEvents`: a Detail that is not text is sent as its JSON text, the execution and its state
 * machine are added to Resources, and an entry that the bus refuses fails the task
 * (`EventBridge.FailedEntry`).
 */
export function optimizedEvents(environment: Environment): Integration {
  return optimized(
    {
      service: awsServices.eventbridge!,
      names: {
        prefix: 'EventBridge',
        service: 'AmazonEventBridge',
        base: 'AmazonEventBridgeException',
      },
      apis: ['putEvents'],
      waitsForToken: true,
      parameters: (given, { executionArn, stateMachineArn }) =>
        withEntries(given, [stateMachineArn, executionArn]),
      result: resultOf,
    },
    environment,
  );
}

function withEntries(given: JsonObject, resources: readonly string[]): JsonObject {
  if (!Array.isArray(given.Entries)) return given;
  const entries = (given.Entries as readonly JsonObject[]).map((entry) => {
    const own = Array.isArray(entry.Resources) ? (entry.Resources as readonly Json[]) : [];
    return { ...withText(entry, 'Detail'), Resources: [...own, ...resources] };
  });
  return { ...given, Entries: entries };
}

function resultOf({ output }: AwsAnswer): string {
  const text = outputJson(output);
  if (Number(output.FailedEntryCount ?? 0) > 0)
    throw new TaskFailure('EventBridge.FailedEntry', text);
  return text;
}
