import { createHash, randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CompiledFunction } from './compile.ts';
import { bundlerVersion, optionsFor } from './options.ts';

/** A bundle in the cache, whole. */
export interface CachedBundle {
  readonly file: string;
  readonly directory: string;
  readonly sizeBytes: number;
  readonly hash: string;
  readonly exports: readonly string[];
}

/** What the cache knows of one entry: `<key>.json`. The bundle stands in `<hash>/index.mjs`. */
interface CacheRecord {
  readonly hash: string;
  readonly mapSize: number;
  readonly exports: readonly string[];
  readonly inputs: readonly CachedInput[];
}

interface CachedInput {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly hash: string;
}

/** What was bundled longer ago may be removed when another bundle is made. */
const KEPT_DAYS = 30;

/** How far a file system's clock may lag behind Date.now(). */
const CLOCK_SLACK_MS = 20;

/** Of all that decides a bundle, what is known before its inputs are. */
export function cacheKey(root: string, entry: string, task: boolean): string {
  const known = [bundlerVersion(), optionsFor(entry), root, entry, task];
  return sha256(JSON.stringify(known)).slice(0, 32);
}

/** The bundle of an earlier run, or undefined where there is none, it is stale, or it is not whole. */
export async function readCachedBundle(
  cacheDir: string,
  key: string,
): Promise<CachedBundle | undefined> {
  const record = await readRecord(join(cacheDir, `${key}.json`));
  if (!record) return undefined;
  const bundle = await readFile(bundleFile(cacheDir, record.hash)).catch(() => undefined);
  if (!bundle || sha256(bundle) !== record.hash) return undefined;
  const mapped = statSync(`${bundleFile(cacheDir, record.hash)}.map`, { throwIfNoEntry: false });
  if (mapped?.size !== record.mapSize) return undefined;
  const inputs = await Promise.all(record.inputs.map(checkInput));
  if (inputs.includes(undefined)) return undefined;
  const touched = inputs.some((input, index) => input !== record.inputs[index]);
  if (touched) await writeRecord(cacheDir, key, { ...record, inputs: inputs as CachedInput[] });
  return found(cacheDir, record, bundle.byteLength);
}

/**
 * Puts a bundle into the cache: its files first, each by rename, the record that names them last.
 * An input that changed after `startedAt` may be newer than what esbuild read: then no record is
 * written, and the next run bundles again.
 */
export async function writeCachedBundle(
  cacheDir: string,
  key: string,
  compiled: CompiledFunction,
  startedAt: number,
): Promise<CachedBundle> {
  const hash = sha256(compiled.code);
  await mkdir(join(cacheDir, hash), { recursive: true });
  const file = bundleFile(cacheDir, hash);
  await writeWhole(cacheDir, `${file}.map`, compiled.map);
  await writeWhole(cacheDir, file, compiled.code);
  const record: CacheRecord = {
    hash,
    mapSize: compiled.map.byteLength,
    exports: compiled.exports,
    inputs: await Promise.all(compiled.inputs.map(recordInput)),
  };
  const settled = record.inputs.every((input) => input.mtimeMs < startedAt - CLOCK_SLACK_MS);
  if (settled) await writeRecord(cacheDir, key, record);
  await removeOldEntries(cacheDir);
  return found(cacheDir, record, compiled.code.byteLength);
}

function found(cacheDir: string, record: CacheRecord, sizeBytes: number): CachedBundle {
  return {
    file: bundleFile(cacheDir, record.hash),
    directory: join(cacheDir, record.hash),
    sizeBytes,
    hash: record.hash,
    exports: record.exports,
  };
}

function bundleFile(cacheDir: string, hash: string): string {
  return join(cacheDir, hash, 'index.mjs');
}

async function readRecord(file: string): Promise<CacheRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(file, 'utf8')) as Partial<CacheRecord>;
    const whole = typeof record.hash === 'string' && record.exports && Array.isArray(record.inputs);
    return whole ? (record as CacheRecord) : undefined;
  } catch {
    return undefined;
  }
}

function writeRecord(cacheDir: string, key: string, record: CacheRecord): Promise<void> {
  return writeWhole(cacheDir, join(cacheDir, `${key}.json`), JSON.stringify(record));
}

/** The input as recorded; a new record where only its time changed; undefined where it changed. */
async function checkInput(input: CachedInput): Promise<CachedInput | undefined> {
  const now = statSync(input.path, { throwIfNoEntry: false });
  if (now?.size !== input.size) return undefined;
  if (now.mtimeMs === input.mtimeMs) return input;
  const current = await recordInput(input.path);
  return current.hash === input.hash ? current : undefined;
}

async function recordInput(path: string): Promise<CachedInput> {
  const { size, mtimeMs } = await stat(path);
  return { path, size, mtimeMs, hash: sha256(await readFile(path)) };
}

/** Writes under a name of its own and renames: a reader sees the old file or the new one, whole. */
async function writeWhole(cacheDir: string, file: string, content: Uint8Array | string) {
  const temporary = join(cacheDir, `${randomUUID()}.tmp`);
  await writeFile(temporary, content);
  await rename(temporary, file);
}

async function removeOldEntries(cacheDir: string): Promise<void> {
  const oldest = Date.now() - KEPT_DAYS * 24 * 3600 * 1000;
  for (const name of await readdir(cacheDir)) {
    const path = join(cacheDir, name);
    const entry = statSync(path, { throwIfNoEntry: false });
    if (entry && entry.mtimeMs < oldest) await rm(path, { recursive: true, force: true });
  }
}

function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
