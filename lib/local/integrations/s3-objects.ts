import type { ObjectStore, StoredObject } from '../../engine/object-store.ts';
import { type Environment, endpointOf, sdkModule } from './aws-service.ts';
import type { SdkClient } from './sdk-client.ts';
import { awsServices } from './services.ts';

const s3 = awsServices.s3!;

/**
 * The buckets that Distributed Maps read and write, at the configured endpoint of S3.
 * Undefined when none is configured.
 */
export function s3Objects(environment: Environment = process.env): ObjectStore | undefined {
  const endpoint = endpointOf(s3, environment);
  if (endpoint === undefined) return undefined;
  let client: SdkClient | undefined;
  const send = async (command: string, input: object): Promise<Record<string, unknown>> => {
    const module = sdkModule(s3);
    client ??= connect(environment, endpoint);
    const Command = module[command]!;
    const never = new AbortController().signal;
    return (await client.send(new Command(input), { abortSignal: never })) as Record<
      string,
      unknown
    >;
  };
  return {
    list: (bucket, prefix) => listAll(send, bucket, prefix),
    async get(bucket, key) {
      const { Body } = await send('GetObjectCommand', { Bucket: bucket, Key: key });
      return await (Body as { transformToByteArray(): Promise<Uint8Array> }).transformToByteArray();
    },
    async put(bucket, key, body) {
      await send('PutObjectCommand', { Bucket: bucket, Key: key, Body: body });
    },
  };
}

function connect(environment: Environment, endpoint: string): SdkClient {
  const Client = sdkModule(s3).S3Client as unknown as new (settings: object) => SdkClient;
  return new Client({
    endpoint,
    region: environment.AWS_REGION ?? 'us-east-1',
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID ?? 'local',
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? 'local',
    },
    ...s3.settings,
  });
}

type Send = (command: string, input: object) => Promise<Record<string, unknown>>;

interface Listed {
  readonly Key?: string;
  readonly Size?: number;
  readonly ETag?: string;
  readonly LastModified?: Date;
  readonly StorageClass?: string;
}

async function listAll(send: Send, bucket: string, prefix: string): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  let token: unknown;
  do {
    const input = { Bucket: bucket, Prefix: prefix, ContinuationToken: token };
    const page = await send('ListObjectsV2Command', input);
    for (const each of (page.Contents ?? []) as readonly Listed[]) found.push(storedObject(each));
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
  return found;
}

function storedObject({ Key, Size, ETag, LastModified, StorageClass }: Listed): StoredObject {
  return {
    Key: Key ?? '',
    Size: Size ?? 0,
    Etag: ETag ?? '',
    LastModified: Math.floor((LastModified?.getTime() ?? 0) / 1000),
    StorageClass: StorageClass ?? 'STANDARD',
  };
}
