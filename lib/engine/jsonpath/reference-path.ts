import type { Json } from '../../json.ts';

/** A compiled reference path (ResultPath): names and indices only. */
export interface ReferencePath {
  readonly text: string;
  /**
   * `root` with `value` at the path: objects on the way are created or replaced, copy on write.
   * Throws `StateFailure` `States.ResultPathMatchFailure` where the root has no place for it.
   */
  write(root: Json, value: Json): Json;
}

/** Compiles a reference path. Throws `PathInvalid` when the text is not one. */
export function compileReferencePath(text: string): ReferencePath {
  throw new Error(`not compiled yet: ${text}`);
}
