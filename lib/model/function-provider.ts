import { baseURLFrom, type Environment, regionalBaseURL } from './connection.ts';
import { ModelError } from './errors.ts';
import { type Provider, providerNamed } from './providers.ts';

/**
 * The provider that a model function serves, from its environment.
 * @throws ModelError 'Model.Rejected' when the environment names none or has no usable base URL
 */
export function providerOfFunction(environment: Environment): {
  readonly provider: Provider;
  readonly baseURL: string;
} {
  const name = environment.CLOUDGATHER_PROVIDER ?? '';
  const given = environment.CLOUDGATHER_BASE_URL;
  try {
    const provider = providerNamed(name, given);
    const usual = provider.baseURL && regionalBaseURL(provider.baseURL, provider, environment);
    const baseURL = given ?? usual;
    if (baseURL !== null) {
      return { provider, baseURL: baseURLFrom(baseURL, provider, 'CLOUDGATHER_BASE_URL') };
    }
  } catch (error) {
    throw misconfigured(name, error instanceof Error ? error.message : '');
  }
  throw misconfigured(name, 'CLOUDGATHER_BASE_URL must be set for this provider.');
}

function misconfigured(name: string, why: string): ModelError {
  return new ModelError(
    'Model.Rejected',
    `This model function cannot serve CLOUDGATHER_PROVIDER=${JSON.stringify(name)}. ${why}`,
    { provider: name, model: 'unknown' },
  );
}
