import { type Graph, nodesIn } from '../workflow/graph.ts';
import { isHttpCall } from '../workflow/http-lane.ts';
import type { ConnectionNeed } from './compiled.ts';
import { pascal } from './functions.ts';

/** The word that stands for the ARN of a provider's connection: 'ConnectionOpenai'. */
export function connectionPlaceholder(provider: string): string {
  return `Connection${pascal(provider)}`;
}

/** The word that stands for the URL of a provider's chat completions: 'EndpointOpenai'. */
export function endpointPlaceholder(provider: string): string {
  return `Endpoint${pascal(provider)}`;
}

/** The providers that Step Functions itself calls, each once. */
export function connectionNeeds(graph: Graph): readonly ConnectionNeed[] {
  const providers = [...nodesIn(graph.body)]
    .filter(isHttpCall)
    .map(({ target }) => target.provider);
  return [...new Set(providers)].map((provider) => ({
    kind: 'connection',
    placeholder: connectionPlaceholder(provider),
    endpoint: endpointPlaceholder(provider),
    provider,
  }));
}
