import { AwsClient } from 'aws4fetch';
import type { Environment } from './connection.ts';

/** The longest wait for DynamoDB, which usually answers within 10 ms. */
const longestWait = 2_000;

/** DynamoDB's answer, of whatever status. */
export interface DynamoAnswer {
  readonly ok: boolean;
  readonly body: unknown;
}

/**
 * Asks DynamoDB by its own protocol (AWS JSON 1.0), signed by `aws4fetch` with the credentials in the
 * environment, for the same reason as the key is read so (decision of 2026-11-22).
 * @param patience the longest wait for an answer, in milliseconds. Default: 2,000
 */
export function dynamo(
  environment: Environment,
  patience = longestWait,
): (operation: string, body: object) => Promise<DynamoAnswer> {
  const region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION || 'us-east-1';
  const endpoint =
    environment.AWS_ENDPOINT_URL_DYNAMODB ??
    environment.AWS_ENDPOINT_URL ??
    `https://dynamodb.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  const aws = new AwsClient({
    accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
    ...(environment.AWS_SESSION_TOKEN ? { sessionToken: environment.AWS_SESSION_TOKEN } : {}),
    service: 'dynamodb',
    region,
    retries: 0,
  });
  return async (operation, body) => {
    const response = await aws.fetch(`${endpoint.replace(/\/+$/, '')}/`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(patience),
    });
    return { ok: response.ok, body: await response.json() };
  };
}
