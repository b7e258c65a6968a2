import { WorkflowInvalid } from '../errors.ts';
import {
  type EachNode,
  type Graph,
  type Node,
  nodesIn,
  type S3Reader,
  type S3Writer,
  type Value,
} from '../workflow/graph.ts';
import type { BucketNeed } from './compiled.ts';

/** Buckets, and what the keys in them begin with. */
interface Place {
  readonly buckets: readonly string[];
  readonly prefix: string;
}

/**
 * What a graph's Distributed Maps read from S3 and write to it, each once: the bucket, and the key or
 * as much of it as is fixed.
 * @throws WorkflowInvalid for results whose bucket cannot be told before a run
 */
export function bucketNeeds(graph: Graph): readonly BucketNeed[] {
  const nodes = new Map([...nodesIn(graph.body)].map((node) => [node.id, node]));
  const needs = [...nodes.values()].flatMap((node): readonly BucketNeed[] =>
    node.kind === 'each' ? [...readNeeds(node, nodes, graph.name), ...writeNeeds(node)] : [],
  );
  const unique = new Map(needs.map((need) => [JSON.stringify(need), need]));
  return [...unique.values()];
}

function readNeeds(
  { reader }: EachNode,
  nodes: ReadonlyMap<number, Node>,
  workflow: string,
): BucketNeed[] {
  if (!reader) return [];
  const { buckets, prefix } = placeOf(reader, nodes, workflow);
  const reads = reader.format !== null || reader.manifest !== null;
  // A manifest names other objects, which are to be read too.
  const exact = reader.key?.kind === 'literal' && reader.manifest === null;
  return buckets.flatMap((bucket): BucketNeed[] => {
    const need = { kind: 'bucket', bucket } as const;
    const version = reader.version ? ({ version: true } as const) : {};
    const read = exact
      ? { ...need, access: 'read', prefix, exact: true, ...version }
      : { ...need, access: 'read', prefix: reader.manifest === null ? prefix : '', ...version };
    const list: BucketNeed[] = reader.key ? [] : [{ ...need, access: 'list', prefix }];
    return reads ? [...list, read as BucketNeed] : list;
  });
}

function writeNeeds({ writer }: EachNode): BucketNeed[] {
  if (!writer) return [];
  const { buckets, prefix } = writtenPlace(writer);
  return buckets.map((bucket) => ({ kind: 'bucket', bucket, access: 'write', prefix }));
}

function placeOf(reader: S3Reader, nodes: ReadonlyMap<number, Node>, workflow: string): Place {
  const { bucket, buckets, key, prefix } = reader;
  if (bucket.kind === 'literal') {
    return { buckets: [String(bucket.value)], prefix: fixedStart(key ?? prefix) };
  }
  if (buckets.length > 0) return { buckets, prefix: fixedStart(key ?? prefix) };
  const writer = writerBehind(bucket, nodes);
  if (writer) return writtenPlace(writer);
  throw new WorkflowInvalid(
    `Workflow '${workflow}' reads results from a bucket that is known only when the workflow runs, and access is granted before that. ` +
      "Say which it may be: fromS3({ bucket: results.bucket, buckets: ['tickets-results'], prefix: results.prefix, format: 'jsonl' }).",
  );
}

/** AWS puts the results into a folder of the Map Run's under the prefix. */
function writtenPlace({ bucket, buckets, prefix }: S3Writer): Place {
  const start = fixedStart(prefix);
  const isWhole = prefix.kind === 'literal' && start !== '' && !start.endsWith('/');
  return {
    buckets: bucket.kind === 'literal' ? [String(bucket.value)] : buckets,
    prefix: isWhole ? `${start}/` : start,
  };
}

/** As much of a text as is known before a run. */
function fixedStart(value: Value | null): string {
  const start = value?.kind === 'concat' ? value.parts[0] : value;
  return start?.kind === 'literal' ? String(start.value) : '';
}

/** The writer whose S3Results the value is a part of. */
function writerBehind(value: Value, nodes: ReadonlyMap<number, Node>): S3Writer | null {
  if (value.kind !== 'result' || value.path.length > 1) return null;
  const node = nodes.get(value.node);
  if (node?.kind === 'each') return node.writer;
  const isTransparent = node?.kind === 'block' || node?.kind === 'attempt';
  return isTransparent ? writerBehind(node.body.output, nodes) : null;
}
