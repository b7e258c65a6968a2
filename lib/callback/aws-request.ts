import { AwsClient } from 'aws4fetch';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The longest wait for one answer of AWS, which usually comes within 50 ms. */
const longestWait = 5_000;

/** How often a call is made before it is given up. */
const attempts = 4;

/** The services that functions call, as their endpoints and signatures name them. */
const services = {
  states: { variable: 'AWS_ENDPOINT_URL_SFN', version: '1.0' },
  dynamodb: { variable: 'AWS_ENDPOINT_URL_DYNAMODB', version: '1.0' },
  events: { variable: 'AWS_ENDPOINT_URL_EVENTBRIDGE', version: '1.1' },
  secretsmanager: { variable: 'AWS_ENDPOINT_URL_SECRETS_MANAGER', version: '1.1' },
} as const;

/** What AWS answered. */
export type AwsAnswer =
  | { readonly ok: true; readonly body: unknown }
  /** `error` is AWS's name or why there is none, never the message: it may repeat what was sent. */
  | { readonly ok: false; readonly error: string; readonly body: unknown };

/** Calls one operation: `ask('AWSStepFunctions.SendTaskSuccess', { ... })`. Never rejects. */
export type Ask = (target: string, body: object) => Promise<AwsAnswer>;

/**
 * Speaks AWS JSON to a service, at AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, or the region's
 * endpoint. Signed by `aws4fetch` with the credentials in the environment (decision of 2026-11-22: no
 * AWS SDK in functions). Faults, throttling and a broken connection are tried again, 4 times in all.
 */
export function awsService(service: keyof typeof services, environment: Environment): Ask {
  const { variable, version } = services[service];
  const region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION || 'us-east-1';
  const endpoint =
    environment[variable] ??
    environment.AWS_ENDPOINT_URL ??
    `https://${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  const url = `${endpoint.replace(/\/+$/, '')}/`;
  const aws = new AwsClient({
    accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
    ...(environment.AWS_SESSION_TOKEN ? { sessionToken: environment.AWS_SESSION_TOKEN } : {}),
    service,
    region,
    retries: 0,
  });
  return async (target, body) => {
    const request = {
      method: 'POST',
      headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target },
      body: JSON.stringify(body),
    };
    for (let attempt = 1; ; attempt += 1) {
      const { answer, again } = await once(aws, url, request);
      if (!again || attempt === attempts) return answer;
      await pause(attempt);
    }
  };
}

/** 50 to 100, 100 to 200, 200 to 400 ms. */
function pause(attempt: number): Promise<void> {
  const most = 100 * 2 ** (attempt - 1);
  return new Promise((resolve) => setTimeout(resolve, most * (0.5 + Math.random() / 2)));
}

async function once(
  aws: AwsClient,
  url: string,
  request: { method: string; headers: Record<string, string>; body: string },
): Promise<{ readonly answer: AwsAnswer; readonly again: boolean }> {
  let response: Response;
  try {
    response = await aws.fetch(url, { ...request, signal: AbortSignal.timeout(longestWait) });
  } catch {
    const answer = { ok: false, error: 'it could not be reached', body: null } as const;
    return { answer, again: true };
  }
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return { answer: { ok: true, body }, again: false };
  const { __type } = (body ?? {}) as { __type?: unknown };
  const type = typeof __type === 'string' ? __type.replace(/^.*#/, '') : undefined;
  const isFault = response.status >= 500 || response.status === 429;
  const again = isFault || /Throttl|ThroughputExceeded|RequestLimit/.test(type ?? '');
  return { answer: { ok: false, error: type ?? `it answered ${response.status}`, body }, again };
}
