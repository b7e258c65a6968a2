import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import S3rver from 's3rver';
import { s3Store } from '../../lib/payload/s3-store.ts';
import type { PayloadStore } from '../../lib/payload/store.ts';

export const bucketName = 'large-values';

/** The only credentials that the stand-in for S3 takes. */
export const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

/** S3's protocol on loopback, with the bucket of large values, and the store that a function has in it. */
export async function startPayloadBucket(): Promise<{
  readonly endpoint: string;
  readonly store: PayloadStore;
  close(): Promise<void>;
}> {
  const directory = mkdtempSync(path.join(tmpdir(), 'cloudgather-bucket-'));
  const server = new S3rver({
    port: 0,
    address: '127.0.0.1',
    silent: true,
    directory,
    configureBuckets: [{ name: bucketName }],
  });
  const { port } = await server.run();
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    endpoint,
    store: s3Store(bucketName, {
      region: 'eu-central-1',
      endpoint,
      credentials: () => credentials,
    }),
    close: async () => {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
