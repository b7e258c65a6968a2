import type { Resource } from '../../engine/task/resource.ts';
import type { TaskCall } from '../../engine/task/task-port.ts';

/** A resource 'arn:aws:states:::service:api', with its pattern. */
export type ServiceResource = Extract<Resource, { readonly kind: 'service' }>;

/** A call of a service. */
export interface ServiceCall extends TaskCall {
  readonly resource: ServiceResource;
}

/** What serves the calls of one service. */
export interface Integration {
  /** Why this resource cannot be served, in a full sentence; undefined when it can. */
  refuse(resource: ServiceResource): string | undefined;
  /**
   * Does the call and gives its result as JSON text.
   * @throws TaskFailure with the error name that Retry and Catch match on.
   */
  run(call: ServiceCall): Promise<string>;
}
