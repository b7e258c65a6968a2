import { AwsClient } from 'aws4fetch';
import type { Environment } from './connection.ts';
import { ModelError, type ModelErrorName } from './errors.ts';
import { textField } from './field.ts';

export interface KeyFor {
  readonly provider: string;
  readonly model: string;
}

/** Keys by the ARN of their secret, for the life of the sandbox; concurrent calls share one request. */
const cache = new Map<string, Promise<string>>();

/** The longest wait for Secrets Manager, which usually answers within 50 ms. */
const readTimeout = 5_000;

/**
 * Calls with the function's key: CLOUDGATHER_API_KEY (on this machine only), else the value of the
 * secret CLOUDGATHER_KEY_SECRET_ARN, else none. Where the provider refuses a key that came from the
 * secret, the secret is read once more, and if it holds another key by now (it was rotated) the call is
 * made once more with it; that second call counts in `attempts`.
 *
 * The secret's value is the key itself, or, as the console makes it, a JSON object with one text.
 * @throws ModelError 'Model.Unauthorized' or 'Model.Unavailable' when the secret cannot be read
 */
export async function withKey<T extends { readonly attempts: number }>(
  environment: Environment,
  use: KeyFor,
  call: (apiKey: string | null) => Promise<T>,
): Promise<T> {
  const given = environment.CLOUDGATHER_API_KEY?.trim();
  const arn = environment.CLOUDGATHER_KEY_SECRET_ARN;
  if (given) return call(checked(given, use));
  if (!arn) return call(null);
  const key = await readSecret(arn, environment, use);
  try {
    return await call(key);
  } catch (error) {
    if (!(error instanceof ModelError) || error.status !== 401) throw error;
    const fresh = await refresh(arn, key, environment, use);
    if (fresh === key) throw error;
    const result = await call(fresh);
    return { ...result, attempts: result.attempts + 1 };
  }
}

/** A secret's value, read once for the life of the sandbox. @throws ModelError as `withKey` does */
export function readSecret(arn: string, environment: Environment, use: KeyFor): Promise<string> {
  const known = cache.get(arn);
  if (known !== undefined) return known;
  const reading = fetchSecret(arn, environment, use);
  cache.set(arn, reading);
  reading.catch(() => {
    if (cache.get(arn) === reading) cache.delete(arn);
  });
  return reading;
}

/** The next reading asks Secrets Manager again. */
export function forgetSecret(arn: string): void {
  cache.delete(arn);
}

/** Of many calls refused at once with the same key, the first reads the secret for all. */
async function refresh(
  arn: string,
  refused: string,
  environment: Environment,
  use: KeyFor,
): Promise<string> {
  const known = cache.get(arn);
  if ((await known) === refused && cache.get(arn) === known) cache.delete(arn);
  return readSecret(arn, environment, use);
}

async function fetchSecret(arn: string, environment: Environment, use: KeyFor): Promise<string> {
  const [, partition = 'aws', , region = 'us-east-1'] = arn.split(':');
  const endpoint =
    environment.AWS_ENDPOINT_URL_SECRETS_MANAGER ??
    environment.AWS_ENDPOINT_URL ??
    `https://secretsmanager.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`;
  const aws = new AwsClient({
    accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
    ...(environment.AWS_SESSION_TOKEN ? { sessionToken: environment.AWS_SESSION_TOKEN } : {}),
    service: 'secretsmanager',
    region,
    retries: 2,
  });
  let status: number;
  let body: unknown;
  try {
    const response = await aws.fetch(`${endpoint.replace(/\/+$/, '')}/`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'secretsmanager.GetSecretValue',
      },
      body: JSON.stringify({ SecretId: arn }),
      signal: AbortSignal.timeout(readTimeout),
    });
    status = response.status;
    body = await response.json().catch(() => null);
  } catch {
    throw failed('Model.Unavailable', 'Secrets Manager could not be reached. Retry', arn, use);
  }
  if (status >= 500 || status === 429) {
    throw failed(
      'Model.Unavailable',
      `Secrets Manager answered with status ${status}. Retry`,
      arn,
      use,
    );
  }
  const value = textField(body, 'SecretString');
  if (status !== 200 || value === undefined) {
    throw failed(
      'Model.Unauthorized',
      whyRefused(status, textField(body, '__type') ?? ''),
      arn,
      use,
    );
  }
  return checked(keyIn(value), use);
}

function whyRefused(status: number, type: string): string {
  if (type.includes('AccessDenied')) {
    return "the function's role may not read it. Grant secretsmanager:GetSecretValue on it (and kms:Decrypt on its key)";
  }
  if (type.includes('ResourceNotFound'))
    return 'there is no such secret, or it has no value yet. Put the key into it';
  return `Secrets Manager answered with status ${status} and no text value. Put the key into it as text`;
}

function failed(name: ModelErrorName, why: string, arn: string, use: KeyFor): ModelError {
  return new ModelError(
    name,
    `${use.provider}:${use.model} was not called: its key is in the secret ${arn}, and ${why}.`,
    use,
  );
}

function keyIn(value: string): string {
  if (!value.trimStart().startsWith('{')) return value.trim();
  try {
    const texts = Object.values(JSON.parse(value) as object).filter(
      (part) => typeof part === 'string',
    );
    return texts.length === 1 ? String(texts[0]).trim() : '';
  } catch {
    return '';
  }
}

/** A key that HTTP cannot carry would fail inside fetch, with the key in the message. */
function checked(key: string, use: KeyFor): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new ModelError(
    'Model.Unauthorized',
    `${use.provider}:${use.model} was not called: the key is empty or holds spaces, line breaks or letters that a header cannot carry. Store the key alone, or a JSON object with the key as its one text.`,
    use,
  );
}
