import type { Json } from '../../json.ts';
import { StateFailure } from '../failure.ts';
import { compilePath } from '../jsonpath/path.ts';
import type { PathScope } from '../jsonpath/scope.ts';
import { arrayIntrinsics } from './array.ts';
import { encodingIntrinsics } from './encoding.ts';
import { type Intrinsic, IntrinsicError } from './intrinsic.ts';
import { IntrinsicInvalid } from './invalid.ts';
import { jsonIntrinsics } from './json-text.ts';
import { mathIntrinsics } from './math.ts';
import { type ArgumentSyntax, type CallSyntax, parseCall } from './syntax.ts';
import { textIntrinsics } from './text.ts';
import { uniqueIdIntrinsics } from './unique-id.ts';

/** A compiled call: gives its value, or throws `StateFailure` `States.IntrinsicFailure`. */
export type IntrinsicCall = (scope: PathScope) => Json;

const INTRINSICS: ReadonlyMap<string, Intrinsic> = new Map(
  [
    arrayIntrinsics,
    encodingIntrinsics,
    jsonIntrinsics,
    mathIntrinsics,
    textIntrinsics,
    uniqueIdIntrinsics,
  ].flatMap((family) => Object.entries(family)),
);

/**
 * Compiles `States.Format('...', $.a)`, with calls as arguments up to ten deep. Throws
 * `IntrinsicInvalid` when the text is not a call that AWS accepts: an unknown function, a number of
 * arguments that it does not take, a syntax error.
 */
export function compileIntrinsic(text: string): IntrinsicCall {
  return compileCall(parseCall(text));
}

function compileCall(call: CallSyntax): IntrinsicCall {
  const intrinsic = INTRINSICS.get(call.name);
  if (intrinsic === undefined) {
    throw new IntrinsicInvalid(call.text, `there is no function States.${call.name}`);
  }
  const [least, greatest] = intrinsic.arity;
  if (call.args.length < least || call.args.length > greatest) {
    throw new IntrinsicInvalid(
      call.text,
      `States.${call.name} does not take ${call.args.length} arguments`,
    );
  }
  const args = call.args.map((arg, index) =>
    compileArgument(arg, call, call.name === 'Format' && index === 0),
  );
  return (scope) => {
    const values = args.map((arg) => arg(scope));
    try {
      return intrinsic.apply(values, scope.random ?? Math.random);
    } catch (error) {
      throw error instanceof IntrinsicError ? failed(call, error.message) : error;
    }
  };
}

function compileArgument(
  argument: ArgumentSyntax,
  call: CallSyntax,
  asWritten: boolean,
): IntrinsicCall {
  switch (argument.kind) {
    case 'literal': {
      const value = asWritten && typeof argument.value === 'string' ? argument.raw : argument.value;
      return () => value;
    }
    case 'call':
      return compileCall(argument.call);
    case 'path': {
      const path = compilePath(argument.text);
      return (scope) => {
        const value = path.read(scope);
        if (value === undefined) {
          throw new StateFailure(
            'States.Runtime',
            `The function '${call.text}' had the following error: The JsonPath argument for the field '${argument.text}' could not be found in the input '${JSON.stringify(scope.input)}'`,
          );
        }
        return value;
      };
    }
  }
}

function failed(call: CallSyntax, reason: string): StateFailure {
  return new StateFailure(
    'States.IntrinsicFailure',
    `The function '${call.text}' had the following error: ${reason}`,
  );
}
