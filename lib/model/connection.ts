import { UsageError } from '../errors.ts';
import { type Provider, pathOf } from './providers.ts';

/** How one provider is reached. */
export interface Connection {
  readonly provider: Provider;
  /** Up to, not including, `/chat/completions`. */
  readonly baseURL: string;
  /** null: calls carry no key. */
  readonly apiKey: string | null;
  /** Signs each request (SigV4) where there is no key. Default: nothing is signed. */
  readonly signing?: Signing;
}

/** AWS credentials and the region that they are used in. */
export interface Signing {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly region: string;
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
    const signing = apiKey === null ? signingFrom(environment, provider) : null;
    return {
      provider,
      baseURL: baseURLFrom(environment[variable] ?? '', provider, variable),
      apiKey,
      ...(signing === null ? {} : { signing }),
    };
  }
  if (provider.baseURL === null) {
    if (apiKey === null) return null;
    throw new UsageError(
      `${provider.title} has no common address, and none of ${provider.baseURLVariables.join(', ')} is set. Set one to your account's base URL.`,
    );
  }
  if (apiKey === null && provider.needsKey) return null;
  const signing = apiKey === null ? signingFrom(environment, provider) : null;
  if (apiKey === null && signing === null && provider.auth === 'aws') return null;
  return {
    provider,
    baseURL: regionalBaseURL(provider.baseURL, provider, environment),
    apiKey,
    ...(signing === null ? {} : { signing }),
  };
}

/** The credentials in the environment, as Lambda and the AWS CLI put them there; null: none needed or none there. */
export function signingFrom(environment: Environment, provider: Provider): Signing | null {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment;
  if (provider.auth !== 'aws' || !AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return null;
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
    region: regionOf(environment),
  };
}

/** The base URL of the table, in the environment's region. */
export function regionalBaseURL(
  baseURL: string,
  { regional }: Provider,
  environment: Environment,
): string {
  return regional ? baseURL.replace('us-east-1', regionOf(environment)) : baseURL;
}

function regionOf(environment: Environment): string {
  return environment.AWS_REGION || environment.AWS_DEFAULT_REGION || 'us-east-1';
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
    ...(connection.signing === undefined ? {} : credentials(connection.signing)),
  };
}

function credentials(signing: Signing): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: signing.accessKeyId,
    AWS_SECRET_ACCESS_KEY: signing.secretAccessKey,
    ...(signing.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: signing.sessionToken }),
    AWS_REGION: signing.region,
  };
}
