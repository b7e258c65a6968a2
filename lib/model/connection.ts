import { UsageError } from '../errors.ts';
import { type Provider, pathOf } from './providers.ts';

/** How one provider is reached. */
export interface Connection {
  readonly provider: Provider;
  /** Up to, not including, `/chat/completions`. */
  readonly baseURL: string;
  /** null: calls carry no key. */
  readonly apiKey: string | null;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * How this machine's variables say to reach a provider; null where they do not: no key, no base URL,
 * and the provider needs a key. A base URL without a key is enough (a proxy, a stub); a provider that
 * needs no key is reached at its usual address.
 * @throws UsageError for a base URL that is none.
 */
export function connectionFrom(environment: Environment, provider: Provider): Connection | null {
  const variable = provider.baseURLVariables.find((name) => environment[name]?.trim());
  const apiKey =
    provider.keyVariables.map((name) => environment[name]?.trim()).find((key) => key) ?? null;
  if (variable !== undefined) {
    return {
      provider,
      baseURL: baseURLFrom(environment[variable] ?? '', provider, variable),
      apiKey,
    };
  }
  if (provider.baseURL === null) {
    if (apiKey === null) return null;
    throw new UsageError(
      `${provider.title} has no common address, and none of ${provider.baseURLVariables.join(', ')} is set. Set one to your account's base URL.`,
    );
  }
  if (apiKey === null && provider.needsKey) return null;
  return { provider, baseURL: provider.baseURL, apiKey };
}

/**
 * Checks a base URL and completes it: no trailing slash; where the provider's `baseURLForm` is 'host',
 * a missing scheme is http, a missing port the provider's, a missing path the provider's, and Ollama's
 * listen-on-everything address is this machine.
 * @param source the variable or option it came from, for the message
 * @throws UsageError
 */
export function baseURLFrom(text: string, provider: Provider, source: string): string {
  const bare = text.trim();
  const host = provider.baseURLForm === 'host';
  const schemeless = host && !bare.includes('://');
  const url = URL.parse(schemeless ? `http://${bare}` : bare);
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.hostname === '') {
    throw new UsageError(
      `${source} is not a base URL. Write it with http:// or https:// and without /chat/completions, for example '${provider.baseURL ?? 'https://my-account.openai.azure.com/openai/v1'}'.`,
    );
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new UsageError(
      `${source} may hold scheme, host, port and path only; put the key into ${provider.keyVariables[0] ?? 'its own variable'}.`,
    );
  }
  if (host) {
    if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
    if (schemeless && url.port === '') url.port = new URL(provider.baseURL ?? text).port;
    if (url.pathname === '/') url.pathname = pathOf(provider);
  }
  return url.href.replace(/\/+$/, '');
}

/** The environment of a model function on this machine; see `functions/model-call.ts`. */
export function modelEnvironment(connection: Connection): Record<string, string> {
  return {
    CLOUDGATHER_PROVIDER: connection.provider.name,
    CLOUDGATHER_BASE_URL: connection.baseURL,
    ...(connection.apiKey === null ? {} : { CLOUDGATHER_API_KEY: connection.apiKey }),
  };
}
