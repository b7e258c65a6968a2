import type { Json } from '../../json.ts';
import type { PathScope } from '../jsonpath/scope.ts';

/** A compiled intrinsic function call: gives its value, or throws `StateFailure` `States.IntrinsicFailure`. */
export type IntrinsicCall = (scope: PathScope) => Json;

/** Compiles `States.Format('...', $.a)`. Throws `IntrinsicInvalid` when the text is not a call that AWS accepts. */
export function compileIntrinsic(text: string): IntrinsicCall {
  throw new Error(`not compiled yet: ${text}`);
}
