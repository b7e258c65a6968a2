import type { Json } from '../../json.ts';
import type { PathScope } from './scope.ts';

/** A compiled JSONPath. */
export interface JsonPath {
  readonly text: string;
  /** True when the path can match one value at most: no wildcard, `..`, slice, union or filter. */
  readonly definite: boolean;
  /**
   * The value that the path finds, or undefined for a definite path that finds nothing. An indefinite
   * path always gives an array, empty when nothing matches.
   */
  read(scope: PathScope): Json | undefined;
  /**
   * As `read`; a path that finds nothing throws `StateFailure` `States.Runtime` in AWS's words:
   * "Invalid path '$.a.b' : Missing property in path $['a']".
   */
  require(scope: PathScope): Json;
}

/** Compiles a JSONPath. Throws `PathInvalid` when the text is not a path that AWS accepts. */
export function compilePath(text: string): JsonPath {
  throw new Error(`not compiled yet: ${text}`);
}
