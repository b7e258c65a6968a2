import { type Path, type Reference, referencesIn, type Value } from '../workflow/graph.ts';
import { isPrefix } from './ledger.ts';

/**
 * How often a value holds each of the nodes that it refers to. A value that is put in twice counts twice,
 * two of its parts count once; an expression gives at most what it reads, and a condition nothing.
 */
export function weightsOf(value: Value): ReadonlyMap<number, number> {
  const paths = new Map<number, Path[]>();
  for (const { node, path } of heldIn(value)) paths.set(node, [...(paths.get(node) ?? []), path]);
  return new Map([...paths].map(([node, all]) => [node, Math.max(...all.map(times(all)))]));
}

/** The nodes that a value refers to. */
export function readsOf(value: Value): ReadonlySet<number> {
  return new Set([...referencesIn(value)].filter(isResult).map(({ node }) => node));
}

type Result = Reference & { readonly kind: 'result' };

function isResult(reference: Reference): reference is Result {
  return reference.kind === 'result';
}

function heldIn(value: Value): Result[] {
  switch (value.kind) {
    case 'result':
      return [value];
    case 'object':
      return value.entries.flatMap(([, child]) => heldIn(child));
    case 'array':
      return value.items.flatMap(heldIn);
    case 'concat':
      return value.parts.flatMap(heldIn);
    case 'jsonata': {
      const read = [...referencesIn(value)].filter(isResult);
      const keys = new Map(read.map((each) => [JSON.stringify([each.node, each.path]), each]));
      return [...keys.values()];
    }
    default:
      return [];
  }
}

/** How many of the paths lead to, into or around one. */
function times(all: readonly Path[]): (path: Path) => number {
  return (path) => all.filter((other) => isPrefix(path, other) || isPrefix(other, path)).length;
}
