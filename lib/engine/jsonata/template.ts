import type { Json } from '../../json.ts';
import type { JsonataScope } from './scope.ts';

/** A compiled JSONata template. */
export interface JsonataTemplate {
  /** The value with every expression replaced by its result; a promise when one of them needs it. */
  evaluate(scope: JsonataScope): Json | Promise<Json>;
}

/**
 * Compiles any JSON with `{% ... %}` strings (Arguments, Output, Assign, Items, ...). Only a string that
 * starts with `{%` and ends with `%}` is an expression; constant subtrees are reused, not copied.
 * `location` is the field's name ('Arguments'), for the causes of failures.
 */
export function compileJsonataTemplate(value: Json, location: string): JsonataTemplate {
  throw new Error(`not compiled yet: ${typeof value} at ${location}`);
}
