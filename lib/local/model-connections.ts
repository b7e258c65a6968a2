import type { CompiledWorkflow } from '../asl/compiled.ts';
import { type Connection, connectionFrom, type Environment } from '../model/connection.ts';
import { providerNamed } from '../model/providers.ts';
import type { Connections } from './integrations/connections.ts';
import type { StandIn } from './stand-in/stand-in.ts';

/** How the providers are reached that Step Functions itself calls; null: no key or URL leads there. */
export type CalledProviders = ReadonlyMap<string, Connection | null>;

/** @throws UsageError for a URL that is none */
export function calledProviders(
  workflows: readonly CompiledWorkflow[],
  environment: Environment,
): CalledProviders {
  const names = workflows
    .flatMap(({ resources = [] }) => resources)
    .flatMap((need) => (need.kind === 'connection' ? [need.provider] : []));
  return new Map(
    names.map((name) => [name, connectionFrom(environment, providerNamed(name))] as const),
  );
}

/**
 * What stands for a provider's connection and endpoint in a document on this machine. The host is no
 * host: only the connection knows where the provider is, here and now, so that no key can go elsewhere.
 */
export function localConnection(provider: string): { readonly arn: string; readonly url: string } {
  return {
    arn: `arn:aws:events:us-east-1:000000000000:connection/model-${provider}/local`,
    url: `https://${provider}.invalid/chat/completions`,
  };
}

/**
 * The connections of those providers: the key of each, which no document and no history holds, and where
 * the provider is. One that nothing leads to is answered by the stand-in.
 */
export function modelConnections(
  providers: CalledProviders,
  standIn: () => Promise<StandIn>,
): Connections {
  return {
    async authorize(arn) {
      const name = /:connection\/model-([a-z]+)\/local$/.exec(arn)?.[1] ?? '';
      const connection = providers.get(name);
      if (connection === undefined) return undefined;
      const baseURL = connection?.baseURL ?? (await standIn()).baseURL(name);
      const key = connection?.apiKey;
      return {
        at: `${baseURL}/chat/completions`,
        ...(key ? { headers: { Authorization: `Bearer ${key}` } } : {}),
      };
    },
  };
}
