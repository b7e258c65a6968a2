import type { Json } from '../../json.ts';
import type { PathScope } from './scope.ts';

/** A compiled payload template: gives the payload for a scope, or throws `StateFailure`. */
export type PayloadTemplate = (scope: PathScope) => Json;

/**
 * Compiles Parameters, ResultSelector, ItemSelector or Assign: a value whose `name.$` fields are paths
 * or intrinsic function calls. Throws `PathInvalid` or `IntrinsicInvalid` when one of them is not.
 */
export function compilePayloadTemplate(template: Json): PayloadTemplate {
  throw new Error(`not compiled yet: ${typeof template}`);
}
