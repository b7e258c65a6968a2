import type { Json } from '../json.ts';

/** A part of a value, with its size and what may be done with it. */
export interface Part {
  readonly value: Json;
  readonly key: string;
  readonly parent: Part | null;
  readonly children: readonly Part[];
  /** Bytes of JSON. */
  readonly bytes: number;
  /** It stays as it is. Of what is inside it, that holds only where that says so too. */
  readonly isKept: boolean;
  /** Something inside it is kept, so it stays a list or an object. */
  readonly holdsKept: boolean;
}

export function bytesOf(part: Part): number {
  return part.bytes;
}

/**
 * A value taken apart.
 * @param keep JSON Pointers (RFC 6901) of what stays, with all that is inside; '*' is any key. One that ends
 *   in '*' keeps the list itself, and not what its elements hold.
 */
export function partsOf(value: Json, keep: readonly string[]): Part {
  const paths = keep.map((pointer) =>
    pointer
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~')),
  );
  return take(value, '', null, paths, false);
}

type Paths = readonly (readonly string[])[];

function take(value: Json, key: string, parent: Part | null, keep: Paths, kept: boolean): Part {
  const isKept = kept || keep.some((path) => path.length === 0);
  const children: Part[] = [];
  const isOpen = keep.some(([next, ...rest]) => next === '*' && rest.length === 0);
  const part = {
    value,
    key,
    parent,
    children,
    bytes: 0,
    isKept: isKept || isOpen,
    holdsKept: false,
  };
  if (typeof value !== 'object' || value === null) {
    part.bytes = Buffer.byteLength(JSON.stringify(value));
    return part;
  }
  const isList = Array.isArray(value);
  // The brackets, and a comma between two.
  part.bytes = 2;
  for (const [name, child] of Object.entries(value)) {
    const inside = keep
      .filter(([next, ...rest]) => (next === '*' && rest.length > 0) || next === name)
      .map(([, ...rest]) => rest);
    const made = take(child, name, part, inside, isKept);
    children.push(made);
    part.bytes += made.bytes + (isList ? 0 : Buffer.byteLength(JSON.stringify(name)) + 1);
    if (made.isKept || made.holdsKept) part.holdsKept = true;
  }
  part.bytes += Math.max(0, children.length - 1);
  return part;
}
