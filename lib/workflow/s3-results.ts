import { WorkflowInvalid } from '../errors.ts';
import type { S3Writer, Value } from './graph.ts';
import { checkOptions } from './options.ts';
import type { Given } from './symbolic.ts';
import type { Trace } from './trace.ts';
import { toValue } from './value.ts';

declare const resultType: unique symbol;

/** Where an `each` with `writeTo` has put its results: plain data, that a later `each` reads by `fromS3`. */
export interface S3Results<T = unknown> {
  readonly [resultType]?: T;
  readonly bucket: string;
  /** The key of AWS's manifest.json, which lists the files of results, by status. */
  readonly manifest: string;
  /** What the keys of the files with the results begin with. They hold one JSON value a line. */
  readonly prefix: string;
}

export interface S3TargetOptions {
  /** The bucket's name. One that only a run knows needs `buckets`. */
  readonly bucket: Given<string>;
  /** What the keys begin with; each run of the `each` has a folder of its own below it. Default ''. */
  readonly prefix?: Given<string>;
  /** The buckets that may be written to, where `bucket` is known only to a run: access is granted to these. */
  readonly buckets?: readonly string[];
}

/** A place in S3 for the results of `each`. */
export class S3Target {
  readonly #options: S3TargetOptions;

  /** @throws WorkflowInvalid */
  constructor(options: S3TargetOptions) {
    checkOptions(options, ['bucket', 'prefix', 'buckets'], 'toS3(options)');
    this.#options = options;
  }

  /** @internal */
  writer(trace: Trace): S3Writer {
    const { bucket, prefix = '', buckets } = this.#options;
    return {
      bucket: literalBucket(bucket, buckets, trace, 'toS3'),
      buckets: bucketNames(buckets, 'toS3'),
      prefix: keyText(prefix, trace, 'the prefix of toS3', true),
    };
  }
}

/**
 * Where `each` writes its results instead of giving them: `{ writeTo: toS3({ bucket, prefix }) }`. The
 * results are then under no limit together; each by itself stays under 256 KiB.
 * @throws WorkflowInvalid
 */
export function toS3(options: S3TargetOptions): S3Target {
  return new S3Target(options);
}

/** A key or a prefix: text, known now or not. @throws WorkflowInvalid */
export function keyText(data: unknown, trace: Trace, place: string, mayBeEmpty = false): Value {
  const value = toValue(data, trace, place);
  const isText = value.kind !== 'literal' || typeof value.value === 'string';
  const isPlain = value.kind === 'object' || value.kind === 'array';
  if (isText && !isPlain && (mayBeEmpty || value.kind !== 'literal' || value.value !== '')) {
    return value;
  }
  throw new WorkflowInvalid(
    `${place} in workflow '${trace.workflow}' is ${JSON.stringify(data) ?? String(data)}. Write text, such as 'tickets/today.jsonl'.`,
  );
}

/** A bucket's name, which access can be granted to: known now, or one of those that are listed. */
export function literalBucket(
  bucket: unknown,
  buckets: readonly string[] | undefined,
  trace: Trace,
  place: string,
): Value {
  const value = keyText(bucket, trace, `the bucket of ${place}`);
  if (value.kind === 'literal') return { kind: 'literal', value: checkedBucket(bucket, place) };
  if (buckets !== undefined && buckets.length > 0) return value;
  throw new WorkflowInvalid(
    `The bucket of ${place} in workflow '${trace.workflow}' is known only when the workflow runs, and access is granted before that. ` +
      "List the buckets that it may name: { bucket, buckets: ['tickets-eu', 'tickets-us'] }.",
  );
}

export function bucketNames(
  buckets: readonly string[] | undefined,
  place: string,
): readonly string[] {
  return (buckets ?? []).map((bucket) => checkedBucket(bucket, place));
}

/** AWS docs: "General purpose bucket naming rules". @throws WorkflowInvalid */
function checkedBucket(bucket: unknown, place: string): string {
  if (typeof bucket === 'string' && /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    return bucket;
  }
  throw new WorkflowInvalid(
    `The bucket ${JSON.stringify(bucket)} of ${place} cannot be one. A bucket's name has 3 to 63 lowercase letters, digits, '.' and '-'.`,
  );
}
