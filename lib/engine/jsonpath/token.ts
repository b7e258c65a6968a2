import type { Filter } from './filter.ts';

/** Where a path starts: `$`, `$$`, `$name`, or `@` inside a filter. */
export type PathRoot =
  | { readonly kind: 'input' | 'context' | 'current' }
  | { readonly kind: 'variable'; readonly name: string };

/** One step of a path. */
export type PathToken =
  | { readonly kind: 'property'; readonly name: string }
  | { readonly kind: 'properties'; readonly names: readonly string[]; readonly leaf: boolean }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'indices'; readonly indices: readonly number[] }
  | { readonly kind: 'slice'; readonly from?: number; readonly to?: number }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'scan' }
  | { readonly kind: 'filter'; readonly filter: Filter }
  | { readonly kind: 'function'; readonly name: string };

/** A path as parsed. */
export interface PathSyntax {
  readonly root: PathRoot;
  readonly tokens: readonly PathToken[];
}

/**
 * True when a path finds one value at most. As Jayway has it: `['a','b']` at the end of a path is one
 * object with both, and so definite; in the middle it is not.
 */
export function isDefinite(tokens: readonly PathToken[]): boolean {
  return tokens.every(
    (token) =>
      token.kind === 'property' ||
      token.kind === 'index' ||
      token.kind === 'function' ||
      (token.kind === 'properties' && token.leaf),
  );
}
