import type { Graph, Node, Path, Reference, Sequence, Value } from '../workflow/graph.ts';
import { referencesIn } from '../workflow/graph.ts';

/**
 * Which parts of each node's result a *later* state reads, so that only these are assigned to
 * variables. The output of a sequence is computed by its last state, which has its own result at
 * hand and needs no variable for it.
 */
export type Reads = ReadonlyMap<number, readonly Path[]>;

export function findReads(graph: Graph): Reads {
  const reads = new Map<number, Path[]>();
  const note = (value: Value, ownNode: number | undefined): void => {
    for (const reference of referencesIn(value)) {
      if (reference.kind !== 'result' || reference.node === ownNode) continue;
      const paths = reads.get(reference.node) ?? [];
      reads.set(reference.node, paths);
      paths.push(reference.path);
    }
  };
  const visit = (sequence: Sequence): void => {
    for (const node of sequence.nodes) visitNode(node);
    note(sequence.output, sequence.nodes.at(-1)?.id);
  };
  const visitNode = (node: Node): void => {
    if (node.kind === 'call') note(node.payload, undefined);
    else for (const branch of node.branches) visit(branch.body);
  };
  visit(graph.body);
  return new Map([...reads].map(([node, paths]) => [node, outermost(paths)]));
}

/** The paths that are inside no other: `plan` covers `plan.queries`. In order of first reading. */
function outermost(paths: readonly Path[]): readonly Path[] {
  const unique = [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()];
  return unique.filter(
    (path) => !unique.some((other) => other.length < path.length && isPrefix(other, path)),
  );
}

export function isPrefix(prefix: Path, path: Path): boolean {
  return prefix.every((key, index) => key === path[index]);
}

/** The read path of the reference's node that covers it. */
export function coveringRead(reads: Reads, reference: Reference & { kind: 'result' }): Path {
  const paths = reads.get(reference.node) ?? [];
  return paths.find((path) => isPrefix(path, reference.path)) ?? [];
}
