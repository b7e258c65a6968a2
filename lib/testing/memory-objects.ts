import type { ObjectStore } from '../engine/object-store.ts';

/** Texts by 's3://bucket/key': what a test gives to a run, and what the run has written beside it. */
export interface MemoryObjects extends ObjectStore {
  readonly texts: Readonly<Record<string, string>>;
}

/** An object store in memory. Every bucket exists; a listing's times are 0. */
export function memoryObjects(given: Readonly<Record<string, string>> = {}): MemoryObjects {
  const objects = new Map(Object.entries(given));
  return {
    get texts() {
      return Object.fromEntries(objects);
    },
    async list(bucket, prefix) {
      const start = `s3://${bucket}/`;
      const found = [...objects].filter(([name]) => name.startsWith(start + prefix));
      return found
        .map(([name, text]) => ({
          Key: name.slice(start.length),
          Size: Buffer.byteLength(text),
          Etag: `"${name}"`,
          LastModified: 0,
          StorageClass: 'STANDARD',
        }))
        .sort((a, b) => (a.Key < b.Key ? -1 : 1));
    },
    async get(bucket, key) {
      const text = objects.get(`s3://${bucket}/${key}`);
      if (text !== undefined) return Buffer.from(text);
      throw new Error(
        `The test gives no object s3://${bucket}/${key}. Add it: { objects: { 's3://${bucket}/${key}': '...' } }.`,
      );
    },
    async put(bucket, key, body) {
      objects.set(`s3://${bucket}/${key}`, Buffer.from(body).toString());
    },
  };
}
