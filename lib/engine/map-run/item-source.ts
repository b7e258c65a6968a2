import { gunzipSync } from 'node:zlib';
import type { Json, JsonObject } from '../../json.ts';
import type { ObjectStore } from '../object-store.ts';
import { TaskFailure } from '../task/task-port.ts';
import { csvDelimiter, csvItem, parseCsv } from './csv.ts';

/** What an ItemReader asks for, its expressions evaluated. */
export interface ReadRequest {
  /** 's3:getObject' or 's3:listObjectsV2'. */
  readonly action: string;
  readonly bucket: string;
  readonly key: string;
  readonly prefix: string;
  readonly config: JsonObject;
  /** 0 or undefined: all. */
  readonly maxItems: number | undefined;
}

/** `States.ItemReaderFailed`: the data set could not be read. */
export function readFailed(cause: string): TaskFailure {
  return new TaskFailure('States.ItemReaderFailed', cause);
}

/** Reads the items of a Distributed Map. Rejects with `States.ItemReaderFailed`. */
export async function readItems(
  store: ObjectStore | undefined,
  request: ReadRequest,
): Promise<readonly Json[]> {
  const { maxItems } = request;
  if (maxItems !== undefined && maxItems < 0) throw readFailed('field MaxItems must be positive');
  if (!store) throw readFailed('There is no object store from which to read the items.');
  try {
    const items = await readAll(store, request);
    return maxItems ? items.slice(0, maxItems) : items;
  } catch (error) {
    if (error instanceof TaskFailure) throw error;
    throw readFailed(error instanceof Error ? error.message : String(error));
  }
}

async function readAll(store: ObjectStore, request: ReadRequest): Promise<readonly Json[]> {
  const { action, bucket, key, prefix, config } = request;
  if (action === 's3:listObjectsV2') return readListing(store, bucket, prefix, config);
  const text = await readText(store, bucket, key);
  if (config.InputType === 'MANIFEST' || config.ManifestType !== undefined)
    return readManifest(store, bucket, text, config);
  return parseItems(text, config);
}

async function readText(store: ObjectStore, bucket: string, key: string): Promise<string> {
  const bytes = await store.get(bucket, key);
  const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
  return Buffer.from(plain).toString('utf8');
}

/** The listing itself; with LOAD_AND_FLATTEN the items of all listed objects. */
async function readListing(
  store: ObjectStore,
  bucket: string,
  prefix: string,
  config: JsonObject,
): Promise<readonly Json[]> {
  const objects = await store.list(bucket, prefix);
  if (config.Transformation !== 'LOAD_AND_FLATTEN') return objects.map((object) => ({ ...object }));
  const items: Json[] = [];
  for (const { Key } of objects)
    items.push(...parseItems(await readText(store, bucket, Key), config));
  return items;
}

/** An S3 inventory's manifest.json, or the manifest of an Athena UNLOAD (a list of s3:// addresses). */
async function readManifest(
  store: ObjectStore,
  bucket: string,
  text: string,
  config: JsonObject,
): Promise<readonly Json[]> {
  const items: Json[] = [];
  if (config.ManifestType === 'ATHENA_DATA') {
    for (const [, from = bucket, key = ''] of text.matchAll(/s3:\/\/([^/\s]+)\/([^\s,]+)/g))
      items.push(...parseItems(await readText(store, from, key), config));
    return items;
  }
  const manifest = JSON.parse(text) as {
    fileSchema?: string;
    destinationBucket?: string;
    files?: readonly { key: string }[];
  };
  if (!manifest.files || !manifest.fileSchema)
    throw readFailed('The manifest is not that of an S3 inventory in CSV format.');
  const headers = manifest.fileSchema.split(',').map((name) => name.trim());
  const from = manifest.destinationBucket?.replace(/^arn:[^:]*:s3:::/, '') ?? bucket;
  for (const { key } of manifest.files) {
    const rows = parseCsv(await readText(store, from, key));
    for (const row of rows) items.push(csvItem(headers, row));
  }
  return items;
}

function parseItems(text: string, config: JsonObject): readonly Json[] {
  switch (config.InputType) {
    case 'CSV':
      return parseCsvItems(text, config);
    case 'JSONL':
      return text
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => JSON.parse(line) as Json);
    default:
      return parseJsonItems(text, config);
  }
}

function parseCsvItems(text: string, config: JsonObject): readonly Json[] {
  const rows = parseCsv(text, csvDelimiter(config.CSVDelimiter as string | undefined));
  const given = config.CSVHeaderLocation === 'GIVEN';
  const headers = given ? (config.CSVHeaders as readonly string[]) : (rows.shift() ?? []);
  if (new Set(headers).size < headers.length)
    throw readFailed('CSV headers cannot contain duplicates.');
  return rows.map((row) => csvItem(headers, row));
}

function parseJsonItems(text: string, config: JsonObject): readonly Json[] {
  let value: Json | undefined = JSON.parse(text) as Json;
  const pointer = config.ItemsPointer;
  if (typeof pointer === 'string') value = atPointer(value, pointer);
  if (Array.isArray(value)) return value as readonly Json[];
  throw readFailed('Attempting to map over non-iterable node.');
}

/** JSON Pointer (RFC 6901). */
function atPointer(root: Json, pointer: string): Json | undefined {
  let value: Json | undefined = root;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      return undefined;
    value = (value as JsonObject)[name];
  }
  return value;
}
