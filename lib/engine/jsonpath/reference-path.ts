import type { Json } from '../../json.ts';
import { StateFailure } from '../failure.ts';
import { own } from './evaluate.ts';
import { PathInvalid } from './invalid.ts';
import { parsePath } from './parse.ts';
import type { PathToken } from './token.ts';

/** A compiled reference path (ResultPath): names and indices only. */
export interface ReferencePath {
  readonly text: string;
  /**
   * `root` with `value` at the path. Objects on the way that are missing are made; arrays are not: an
   * index must be there. Nothing that exists is changed: what lies on the way is copied. Throws
   * `StateFailure` `States.ResultPathMatchFailure` where the root has no place for the value.
   */
  write(root: Json, value: Json): Json;
}

/** Compiles a reference path: `$`, `$.a.b`, `$['a'][0]`. Throws `PathInvalid`. */
export function compileReferencePath(text: string): ReferencePath {
  const { root, tokens } = parsePath(text);
  if (root.kind !== 'input' || !tokens.every(isReference)) {
    throw new PathInvalid(text, 'a reference path has names and indices only');
  }
  return {
    text,
    write(before, value) {
      const after = write(before, tokens, 0, value);
      if (after === undefined) {
        throw new StateFailure(
          'States.ResultPathMatchFailure',
          `Unable to apply ReferencePath ${text} to input ${JSON.stringify(before)}`,
        );
      }
      return after;
    },
  };
}

function isReference(token: PathToken): boolean {
  return token.kind === 'property' || (token.kind === 'index' && token.index >= 0);
}

/** Undefined when the value has no place. */
function write(
  root: Json | undefined,
  tokens: readonly PathToken[],
  at: number,
  value: Json,
): Json | undefined {
  const token = tokens[at];
  if (token === undefined) {
    return value;
  }
  if (token.kind === 'index') {
    return writeIndex(root, token.index, (part) => write(part, tokens, at + 1, value));
  }
  if (token.kind !== 'property' || !isObjectOrMissing(root)) {
    return undefined;
  }
  const part = write(root === undefined ? undefined : own(root, token.name), tokens, at + 1, value);
  return part === undefined ? undefined : withProperty(root ?? {}, token.name, part);
}

function writeIndex(
  root: Json | undefined,
  index: number,
  change: (part: Json) => Json | undefined,
): Json | undefined {
  if (!Array.isArray(root) || index >= root.length) {
    return undefined;
  }
  const part = change(root[index] as Json);
  return part === undefined ? undefined : root.with(index, part);
}

function isObjectOrMissing(root: Json | undefined): boolean {
  return root === undefined || (typeof root === 'object' && root !== null && !Array.isArray(root));
}

/** `__proto__` is a key like any other. */
function withProperty(root: Json, name: string, part: Json): Json {
  if (name !== '__proto__' && !Object.hasOwn(root as object, '__proto__')) {
    return { ...(root as object), [name]: part } as Json;
  }
  return Object.fromEntries([
    ...Object.entries(root as object).filter(([key]) => key !== name),
    [name, part],
  ]) as Json;
}
