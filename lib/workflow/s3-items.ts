import { WorkflowInvalid } from '../errors.ts';
import type { Json } from '../json.ts';
import type { ItemFormat, S3Reader } from './graph.ts';
import { checkOptions } from './options.ts';
import { bucketNames, keyText, literalBucket, type S3Results } from './s3-results.ts';
import { type Schema, type SchemaOutput, toJsonSchema } from './schema.ts';
import type { Concrete, Given } from './symbolic.ts';
import { symbolicInfo } from './symbolic-value.ts';
import type { Trace } from './trace.ts';
import { toValue } from './value.ts';

/** An object as a listing tells it. */
export interface S3Object {
  readonly Key: string;
  /** Bytes. */
  readonly Size: number;
  readonly Etag: string;
  /** Seconds since the epoch. */
  readonly LastModified: number;
  readonly StorageClass: string;
}

interface Place {
  /** The bucket's name. One that only a run knows needs `buckets`. */
  readonly bucket: Given<string>;
  /** The buckets that may be read, where `bucket` is known only to a run: access is granted to these. */
  readonly buckets?: readonly string[];
  /** How many items at most, from the first. Default: all. */
  readonly maxItems?: Given<number>;
  /** The schema of one item, for its type. The items are not checked against it. */
  readonly item?: Schema;
}

interface ObjectPlace extends Place {
  readonly key: Given<string>;
  /** The object's version, where the bucket keeps versions. Default: the newest. */
  readonly version?: Given<string>;
}

interface ListingPlace extends Place {
  /** What the keys begin with; '' lists the whole bucket. */
  readonly prefix: Given<string>;
}

interface JsonItems {
  /** One JSON list. */
  readonly format: 'json';
  /** JSON Pointer (RFC 6901) of the list inside the document: '/tickets'. Default: the document is it. */
  readonly pointer?: string;
}

interface JsonLinesItems {
  /** One JSON value a line. */
  readonly format: 'jsonl';
}

interface CsvItems {
  /** Rows of text with a header: each item is an object of texts. */
  readonly format: 'csv';
  /** The columns' names. Default: the first row has them. */
  readonly headers?: readonly string[];
  /** Default ','. */
  readonly delimiter?: ',' | '|' | ';' | ' ' | '\t';
}

type Items = JsonItems | JsonLinesItems | CsvItems;

/** Where items are in S3. */
export type S3Source =
  | (ObjectPlace & Items & { readonly manifest?: never })
  /** The manifest.json of an S3 inventory in CSV: an item for each object that the inventory lists. */
  | (ObjectPlace & { readonly manifest: 's3-inventory'; readonly format?: never })
  /** The manifest of an Athena UNLOAD: the items of all files that it names. */
  | (ObjectPlace & { readonly manifest: 'athena' } & (JsonLinesItems | CsvItems))
  /** Without a format, an item for each object; with one, the items of all listed objects. */
  | (ListingPlace & (Items | { readonly format?: never }));

/** The type of one item of a source. */
export type S3Item<S> = S extends { readonly item: infer I extends Schema }
  ? SchemaOutput<I>
  : S extends { readonly format: 'csv'; readonly headers: readonly (infer H extends string)[] }
    ? { readonly [K in H]: string }
    : S extends { readonly format: 'csv' } | { readonly manifest: 's3-inventory' }
      ? { readonly [column: string]: string }
      : S extends { readonly format: 'json' | 'jsonl' }
        ? Json
        : S3Object;

declare const itemType: unique symbol;

/** Items in S3, for `each`. */
export class S3Items<T = unknown> {
  declare readonly [itemType]: T;
  readonly #source: S3Source | S3Results<T>;

  /** @throws WorkflowInvalid */
  constructor(source: S3Source | S3Results<T>) {
    this.#source = source;
    if (!isResults(source)) checkSource(source as S3Source);
  }

  /** @internal */
  reader(trace: Trace): S3Reader {
    const source = this.#source;
    return isResults(source)
      ? resultsReader(source, trace)
      : sourceReader(source as S3Source, trace);
  }
}

/**
 * Items that are in S3, for `each`: a JSON list, JSON Lines, CSV, the objects under a prefix (or the
 * items in all of them), an S3 inventory, the result of an Athena UNLOAD, or what an `each` with
 * `writeTo` has written. A Distributed Map reads them itself: no function does, and they are under no
 * limit of 256 KiB but each by itself.
 *
 * `bucket`, `key`, `prefix` and `maxItems` may be known only to a run. Access is granted to what the
 * document names: the bucket, and the key or as much of it as is fixed.
 *
 * On this machine: the endpoint that AWS_ENDPOINT_URL_S3 names, else files in
 * `.cloudgather/buckets/<bucket>/<key>`.
 * @throws WorkflowInvalid
 */
export function fromS3<
  const R extends {
    readonly bucket: unknown;
    readonly manifest: unknown;
    readonly prefix: unknown;
  },
>(results: R): S3Items<Concrete<R> extends S3Results<infer T> ? T : never>;
export function fromS3<const S extends S3Source>(source: S): S3Items<S3Item<S>>;
export function fromS3(source: unknown): S3Items {
  return new S3Items(source as S3Source);
}

const shared = [
  'bucket',
  'buckets',
  'maxItems',
  'item',
  'format',
  'pointer',
  'headers',
  'delimiter',
];
const delimiters = {
  ',': 'COMMA',
  '|': 'PIPE',
  ';': 'SEMICOLON',
  ' ': 'SPACE',
  '\t': 'TAB',
} as const;

function checkSource(source: S3Source): void {
  if (typeof source !== 'object' || source === null) {
    throw new WorkflowInvalid(
      `fromS3 was given ${source === null ? 'null' : `a ${typeof source}`}. Write fromS3({ bucket, key, format: 'jsonl' }), ` +
        'fromS3({ bucket, prefix }), or give it what an each with writeTo gave.',
    );
  }
  const isListing = 'prefix' in source;
  const own = isListing ? ['prefix'] : ['key', 'version', 'manifest'];
  checkOptions(source, [...shared, ...own], 'fromS3(source)');
  if (source.item !== undefined) toJsonSchema(source.item, 'output', 'The item of fromS3');
  const { format, manifest } = source as { format?: string; manifest?: string };
  const isPlain = manifest === undefined && (format !== undefined || isListing);
  const isAthena = manifest === 'athena' && (format === 'csv' || format === 'jsonl');
  if (isPlain || isAthena) checkFormat(source);
  else if (manifest !== 's3-inventory' || format !== undefined) refuseReading(manifest, format);
}

function refuseReading(manifest: string | undefined, format: string | undefined): never {
  throw new WorkflowInvalid(
    manifest === undefined
      ? "fromS3({ bucket, key }) does not say how the object is to be read. Add format: 'json', 'jsonl' or 'csv', or manifest: 's3-inventory'."
      : `fromS3 has the manifest ${JSON.stringify(manifest)} with the format ${JSON.stringify(format)}. Allowed are 's3-inventory' without a format, and 'athena' with 'csv' or 'jsonl'.`,
  );
}

function checkFormat(source: S3Source): void {
  const { format, pointer, headers, delimiter } = source as Omit<Partial<JsonItems>, 'format'> &
    Omit<Partial<CsvItems>, 'format'> & { readonly format?: string };
  const refuse = (why: string): never => {
    throw new WorkflowInvalid(`fromS3 ${why}`);
  };
  if (format !== undefined && !['json', 'jsonl', 'csv'].includes(format)) {
    refuse(`has the format ${JSON.stringify(format)}. Allowed are 'json', 'jsonl' and 'csv'.`);
  }
  if (pointer !== undefined && (format !== 'json' || !/^(\/|$)/.test(pointer))) {
    refuse(
      `has the pointer ${JSON.stringify(pointer)}. A pointer begins with '/' and belongs to the format 'json'.`,
    );
  }
  if (format !== 'csv' && (headers ?? delimiter) !== undefined) {
    refuse("has headers or a delimiter. These belong to the format 'csv'.");
  }
  if (delimiter !== undefined && !Object.hasOwn(delimiters, delimiter)) {
    refuse(
      `has the delimiter ${JSON.stringify(delimiter)}. Allowed are ',', '|', ';', ' ' and '\\t'.`,
    );
  }
  if (headers !== undefined && (headers.length === 0 || new Set(headers).size < headers.length)) {
    refuse('has headers that are empty or not unique. Name each column once.');
  }
}

function sourceReader(source: S3Source, trace: Trace): S3Reader {
  const place = 'the source of fromS3';
  const optional = (value: unknown) => (value === undefined ? null : toValue(value, trace, place));
  const {
    key,
    version,
    prefix,
    manifest = null,
  } = source as Partial<ObjectPlace & ListingPlace> & {
    readonly manifest?: S3Reader['manifest'];
  };
  const bucket = literalBucket(source.bucket, source.buckets, trace, place);
  return {
    bucket,
    buckets: bucketNames(source.buckets, place),
    key: key === undefined ? null : keyText(key, trace, 'the key of fromS3'),
    version: optional(version),
    prefix: prefix === undefined ? null : keyText(prefix, trace, 'the prefix of fromS3', true),
    format: formatOf(source),
    manifest,
    maxItems: optional(source.maxItems),
  };
}

/** A source has no manifest beside its prefix. */
function isResults(source: unknown): boolean {
  const isObject = typeof source === 'object' && source !== null;
  return (
    symbolicInfo(source) !== undefined || (isObject && 'manifest' in source && 'prefix' in source)
  );
}

/** What an `each` with `writeTo` gave: the files that its succeeded executions' results are in. */
function resultsReader(results: unknown, trace: Trace): S3Reader {
  const part = (name: string) =>
    toValue((results as Record<string, unknown>)[name], trace, 'the results of fromS3');
  return {
    bucket: part('bucket'),
    buckets: [],
    key: null,
    version: null,
    prefix: part('prefix'),
    format: { kind: 'jsonl' },
    manifest: null,
    maxItems: null,
  };
}

function formatOf(source: S3Source): ItemFormat | null {
  switch (source.format) {
    case 'json':
      return { kind: 'json', pointer: source.pointer ?? null };
    case 'jsonl':
      return { kind: 'jsonl' };
    case 'csv':
      return {
        kind: 'csv',
        headers: source.headers ?? null,
        delimiter: delimiters[source.delimiter ?? ','],
      };
    default:
      return null;
  }
}
