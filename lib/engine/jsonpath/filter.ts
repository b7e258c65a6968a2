import type { Json } from '../../json.ts';
import type { PathSyntax } from './token.ts';

/** The condition of `[?( ... )]`. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | { readonly kind: 'exists'; readonly path: PathSyntax }
  | {
      readonly kind: 'comparison';
      readonly operator: FilterOperator;
      readonly left: Operand;
      readonly right: Operand;
    };

/** One side of a comparison. */
export type Operand =
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'path'; readonly path: PathSyntax }
  | { readonly kind: 'pattern'; readonly pattern: RegExp };

/** Longest first, so that `<=` is not read as `<`. */
export const FILTER_OPERATORS = [
  '===',
  '!==',
  '==',
  '!=',
  '<=',
  '>=',
  '=~',
  '<',
  '>',
  'subsetof',
  'contains',
  'noneof',
  'anyof',
  'empty',
  'size',
  'nin',
  'all',
  'in',
] as const;

export type FilterOperator = (typeof FILTER_OPERATORS)[number];
