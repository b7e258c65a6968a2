import type { Resource } from '../engine/task/resource.ts';

/** What a compiled workflow may call besides its functions, as a Resource names it. */
const served: Readonly<Record<string, readonly string[]>> = {
  http: ['invoke'],
  dynamodb: ['deleteItem', 'getItem', 'putItem', 'updateItem'],
};

export type ServiceResource = Extract<Resource, { readonly kind: 'service' }>;

/** Why a service cannot be called by a workflow here; undefined when it can. Loads nothing. */
export function refuseService({ service, resource, arn }: ServiceResource): string | undefined {
  const apis = Object.hasOwn(served, service) ? served[service] : undefined;
  if (apis?.includes(resource)) return undefined;
  const all = Object.entries(served).flatMap(([name, each]) => each.map((api) => `${name}:${api}`));
  return `The resource '${arn}' is not served by this runner: it calls Lambda functions and ${all.join(', ')}.`;
}

/**
 * Whether a document calls anything but functions and HTTP endpoints. What a Distributed Map does
 * in S3 is the engine's, and executions of other workflows are the runner's.
 */
export function namesService(definition: string): boolean {
  return /"arn:aws:states:::(?!lambda:|http:|s3:|states:)/.test(definition);
}
