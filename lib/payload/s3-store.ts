import { AwsClient } from 'aws4fetch';
import { PayloadError } from '../errors.ts';
import type { Environment, PayloadStore } from './store.ts';

export interface S3Access {
  readonly region: string;
  /** Default: AWS. The bucket then stands in the path. */
  readonly endpoint?: string | undefined;
  /** Asked before each request: those of a sandbox may change. */
  credentials(): Credentials | Promise<Credentials>;
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** The longest wait for one object: 6 MB take well below a second. */
const patience = 20_000;

/** A store in an S3 bucket: `<prefix>/<name>`. Faults of S3 are tried again twice. */
export function s3Store(bucket: string, access: S3Access): PayloadStore {
  async function send(method: 'GET' | 'PUT', path: string, body?: string): Promise<Response> {
    const { accessKeyId, secretAccessKey, sessionToken } = await access.credentials();
    const aws = new AwsClient({
      accessKeyId,
      secretAccessKey,
      ...(sessionToken ? { sessionToken } : {}),
      service: 's3',
      region: access.region,
      retries: 2,
    });
    try {
      return await aws.fetch(`${baseOf(bucket, access)}/${path}`, {
        method,
        signal: AbortSignal.timeout(patience),
        ...(body === undefined ? {} : { body }),
      });
    } catch (cause) {
      throw unavailable(`did not answer ${method}`, cause);
    }
  }
  return {
    async put(prefix, name, content) {
      const response = await send('PUT', `${prefix}/${name}`, content);
      await response.arrayBuffer();
      if (!response.ok) throw unavailable(`answered PUT with status ${response.status}`);
    },
    async get(prefix, name) {
      const response = await send('GET', `${prefix}/${name}`);
      if (response.ok) return response.text();
      await response.arrayBuffer();
      // Without the right to list, S3 says 403 of what is not there, too.
      if (response.status === 404 || response.status === 403) return null;
      throw unavailable(`answered GET with status ${response.status}`);
    },
  };
}

/** As Lambda and the AWS CLI put it there: AWS_REGION, AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL_S3. */
export function accessFrom(environment: Environment): S3Access {
  return {
    region: environment.AWS_REGION || 'us-east-1',
    endpoint: environment.AWS_ENDPOINT_URL_S3 || environment.AWS_ENDPOINT_URL,
    credentials: () => ({
      accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
      sessionToken: environment.AWS_SESSION_TOKEN,
    }),
  };
}

function baseOf(bucket: string, { region, endpoint }: S3Access): string {
  if (endpoint) return `${endpoint.replace(/\/+$/, '')}/${bucket}`;
  return `https://${bucket}.s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

function unavailable(what: string, cause?: unknown): PayloadError {
  return new PayloadError(
    'Payload.Unavailable',
    `The bucket that keeps large values ${what}. Check that the role may use it (s3:PutObject, s3:GetObject), and retry.`,
    { cause },
  );
}
