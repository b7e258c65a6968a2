import { AwsClient } from 'aws4fetch';
import OpenAI from 'openai';
import type { Connection } from './connection.ts';
import { patientDispatcher } from './dispatcher.ts';

/** The longest call: a Lambda function's 15 minutes. */
export const longestCall = 900_000;

/** The provider's client. Every setting is given, so that the package reads none of its own from the environment. */
export function clientOf(connection: Connection): OpenAI {
  const { provider, baseURL, apiKey } = connection;
  const dispatcher = patientDispatcher();
  return new OpenAI({
    baseURL,
    apiKey: apiKey ?? 'none',
    adminAPIKey: null,
    ...(provider.name === 'openai' ? {} : { organization: null, project: null }),
    webhookSecret: null,
    maxRetries: 0,
    // The package's own limit ends with the first byte; ours covers the whole reply and comes first.
    timeout: longestCall + 60_000,
    logLevel: 'off',
    // A redirect would take key and prompt to a host that nobody named.
    fetchOptions: { redirect: 'manual', ...(dispatcher && { dispatcher: dispatcher as never }) },
    ...(apiKey === null ? { defaultHeaders: { authorization: null } } : {}),
    ...(apiKey === null && connection.signing ? { fetch: signed(connection.signing) } : {}),
  });
}

/** AWS Signature Version 4, for Bedrock. The signature covers the body, so the body is signed as text. */
function signed(signing: NonNullable<Connection['signing']>): typeof fetch {
  const aws = new AwsClient({ ...signing, service: 'bedrock', retries: 0 });
  return (url, init) => aws.fetch(url instanceof Request ? url : String(url), init ?? {});
}
