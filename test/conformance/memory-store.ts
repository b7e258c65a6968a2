import { createHash } from 'node:crypto';
import type { ObjectStore } from '../../lib/engine/object-store.ts';

/** An object store in memory. A bucket exists once something was put into it. */
export function memoryStore(
  buckets: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
  now = 0,
): ObjectStore & { readonly objects: Map<string, Map<string, Uint8Array>> } {
  const objects = new Map(
    Object.entries(buckets).map(([bucket, files]) => [
      bucket,
      new Map<string, Uint8Array>(
        Object.entries(files).map(([key, text]) => [key, Buffer.from(text)]),
      ),
    ]),
  );
  return {
    objects,
    async list(bucket, prefix) {
      const files = objects.get(bucket) ?? new Map<string, Uint8Array>();
      const keys = [...files.keys()].filter((key) => key.startsWith(prefix)).sort();
      return keys.map((Key) => ({
        Key,
        Size: files.get(Key)?.byteLength ?? 0,
        Etag: `"${createHash('md5')
          .update(files.get(Key) ?? '')
          .digest('hex')}"`,
        LastModified: Math.floor(now / 1000),
        StorageClass: 'STANDARD',
      }));
    },
    async get(bucket, key) {
      const body = objects.get(bucket)?.get(key);
      if (!body) throw new Error(`There is no object '${key}' in the bucket '${bucket}'.`);
      return body;
    },
    async put(bucket, key, body) {
      if (!objects.has(bucket)) objects.set(bucket, new Map());
      objects.get(bucket)?.set(key, body);
    },
  };
}
