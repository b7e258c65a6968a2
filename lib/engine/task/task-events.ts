import type { HistoryEventDetails } from '../history/event.ts';
import type { AttemptTerms } from './attempt.ts';
import type { Resource } from './resource.ts';

/** The history's words for one kind of task. */
export interface TaskEvents {
  readonly scheduled: string;
  readonly started: string;
  readonly submitted: string;
  readonly succeeded: string;
  readonly failed: string;
  readonly timedOut: string;
  /** Fields that each of the events carries: resource and resourceType of a service. */
  readonly common: HistoryEventDetails | undefined;
}

/** Which events a task of this resource makes: LambdaFunction..., Activity... or Task... */
export function taskEvents(resource: Resource): TaskEvents {
  if (resource.kind === 'lambda') return eventsOf('LambdaFunction', undefined);
  if (resource.kind === 'activity') return eventsOf('Activity', undefined);
  return eventsOf('Task', { resource: resource.resource, resourceType: resource.service });
}

function eventsOf(prefix: string, common: HistoryEventDetails | undefined): TaskEvents {
  return {
    scheduled: `${prefix}Scheduled`,
    started: `${prefix}Started`,
    submitted: `${prefix}Submitted`,
    succeeded: `${prefix}Succeeded`,
    failed: `${prefix}Failed`,
    timedOut: `${prefix}TimedOut`,
    common,
  };
}

/** The details of a Scheduled event. */
export function scheduledDetails(
  resource: Resource,
  input: string,
  region: string,
  terms: AttemptTerms,
): HistoryEventDetails {
  const details =
    resource.kind === 'service'
      ? {
          parameters: input,
          region,
          resource: resource.resource,
          resourceType: resource.service,
        }
      : { resource: resource.arn, input };
  const { timeout, heartbeat, roleArn } = terms;
  if (timeout === undefined && heartbeat === undefined && roleArn === undefined) return details;
  return {
    ...details,
    ...(timeout !== undefined && { timeoutInSeconds: timeout }),
    ...(heartbeat !== undefined && { heartbeatInSeconds: heartbeat }),
    ...(roleArn !== undefined && { taskCredentials: { roleArn } }),
  };
}
