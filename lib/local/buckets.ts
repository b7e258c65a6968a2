import type { ObjectStore } from '../engine/object-store.ts';

/**
 * The buckets of workflows on this machine: at the endpoint that AWS_ENDPOINT_URL_S3 (or
 * AWS_ENDPOINT_URL) names, else plain files under `folder`. Nothing is loaded before the first use.
 */
export function localBuckets(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): ObjectStore {
  let opening: Promise<ObjectStore> | undefined;
  const store = (): Promise<ObjectStore> => {
    opening ??= open(folder, environment);
    return opening;
  };
  return {
    list: async (bucket, prefix) => (await store()).list(bucket, prefix),
    get: async (bucket, key) => (await store()).get(bucket, key),
    put: async (bucket, key, body) => (await store()).put(bucket, key, body),
  };
}

async function open(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ObjectStore> {
  const { s3Objects } = await import('./integrations/s3-objects.ts');
  const served = s3Objects(environment);
  if (served) return served;
  const { bucketFolder } = await import('./bucket-folder.ts');
  return bucketFolder(folder);
}
