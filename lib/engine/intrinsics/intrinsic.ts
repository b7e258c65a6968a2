import type { Json } from '../../json.ts';

/** An intrinsic function. */
export interface Intrinsic {
  /** The least and the greatest number of arguments. */
  readonly arity: readonly [least: number, greatest: number];
  /**
   * The value. Throws `IntrinsicError` for arguments that the function refuses. A literal first
   * argument of Format comes as it was written, escapes included.
   */
  apply(args: readonly Json[], random: () => number): Json;
}

/** Arguments that a function refuses: becomes the cause of a `States.IntrinsicFailure`. */
export class IntrinsicError extends Error {}

/** The argument as an array, or refuses it. */
export function arrayArgument(args: readonly Json[], index: number): readonly Json[] {
  const value = args[index];
  if (!Array.isArray(value)) {
    throw refused(index, 'an array', value);
  }
  return value;
}

/** The argument as a string of at most `most` characters, or refuses it. */
export function stringArgument(
  args: readonly Json[],
  index: number,
  most = Number.POSITIVE_INFINITY,
): string {
  const value = args[index];
  if (typeof value !== 'string') {
    throw refused(index, 'a string', value);
  }
  if (value.length > most) {
    throw new IntrinsicError(
      `Argument ${index + 1} has ${value.length} characters: at most ${most} are allowed`,
    );
  }
  return value;
}

/** The argument rounded to the nearest integer (a half goes up, as in Java's Math.round), or refuses it. */
export function integerArgument(args: readonly Json[], index: number): number {
  const value = args[index];
  if (typeof value !== 'number') {
    throw refused(index, 'a number', value);
  }
  return Math.round(value) + 0;
}

function refused(index: number, wanted: string, value: Json | undefined): IntrinsicError {
  const kind = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
  return new IntrinsicError(`Argument ${index + 1} must be ${wanted}, but is ${kind}`);
}
