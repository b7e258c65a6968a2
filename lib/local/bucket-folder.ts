import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ObjectStore, StoredObject } from '../engine/object-store.ts';

/**
 * Buckets as plain files: `<folder>/<bucket>/<key>`, to be put there by hand and looked at. Writes are
 * whole or not at all. A name that would lead out of its folder is refused, and so are keys that a
 * file system cannot hold ('a//b', 'a/', 'a' beside 'a/b').
 * @param folder '.cloudgather/buckets'
 */
export function bucketFolder(folder: string): ObjectStore {
  return {
    async list(bucket, prefix) {
      const root = bucketPath(folder, bucket);
      const keys = await keysIn(root).catch((error: unknown) => {
        throw absent(
          error,
          `There is no bucket '${bucket}' on this machine: the folder ${root} is not there`,
        );
      });
      const found = keys.filter((key) => key.startsWith(prefix)).sort(byBytes);
      return Promise.all(found.map((key) => describe(root, key)));
    },
    async get(bucket, key) {
      const file = path.join(bucketPath(folder, bucket), keyPath(key));
      return readFile(file).catch((error: unknown) => {
        throw absent(
          error,
          `There is no object '${key}' in the bucket '${bucket}' on this machine: the file ${file} is not there`,
        );
      });
    },
    async put(bucket, key, body) {
      const file = path.join(bucketPath(folder, bucket), keyPath(key));
      // A bucket's name cannot begin so, and no listing sees what is half written.
      const draft = path.join(folder, `.draft-${randomUUID()}`);
      await mkdir(path.dirname(file), { recursive: true });
      try {
        await writeFile(draft, body, { flag: 'wx' });
        await rename(draft, file);
      } finally {
        await rm(draft, { force: true });
      }
    },
  };
}

function bucketPath(folder: string, bucket: string): string {
  if (/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) return path.join(folder, bucket);
  throw new Error(
    `The bucket ${JSON.stringify(bucket)} cannot be one. A bucket's name has 3 to 63 lowercase letters, digits, '.' and '-'.`,
  );
}

function keyPath(key: string): string {
  const parts = key.split('/');
  const isFile = parts.every((part) => part !== '' && part !== '.' && part !== '..');
  if (isFile && !/[\\:\0]/.test(key)) return path.join(...parts);
  throw new Error(
    `The key ${JSON.stringify(key)} cannot be kept as a file: a folder stands in for the bucket, since AWS_ENDPOINT_URL_S3 is not set. ` +
      "Use keys of plain names with '/' between them, or set AWS_ENDPOINT_URL_S3 to a server that speaks S3's protocol.",
  );
}

async function keysIn(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'),
    );
}

async function describe(root: string, Key: string): Promise<StoredObject> {
  const file = path.join(root, ...Key.split('/'));
  const { size, mtimeMs } = await stat(file);
  return {
    Key,
    Size: size,
    Etag: `"${createHash('md5').update(`${size}:${mtimeMs}`).digest('hex')}"`,
    LastModified: Math.floor(mtimeMs / 1000),
    StorageClass: 'STANDARD',
  };
}

/** S3 lists keys in the order of their UTF-8 bytes. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function absent(error: unknown, sentence: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EISDIR') return error;
  return new Error(
    `${sentence}. Put it there, or set AWS_ENDPOINT_URL_S3 to a server that speaks S3's protocol.`,
  );
}
