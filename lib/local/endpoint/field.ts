import type { Json, JsonObject } from '../../json.ts';
import { ServiceError, validationException } from './service-error.ts';

/** Reads one member of a request; what breaks AWS's constraints is added to `problems`. */
export type Field<T> = (value: Json | undefined, path: string, problems: string[]) => T;

/** The members of an operation's input, by name. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

/** What reading `Fields` gives. */
export type InputOf<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never;
};

/**
 * Reads a request's body. Members that the operation does not know are ignored, as AWS does.
 * @throws ServiceError `ValidationException` in AWS's words; `SerializationException` for a value of
 * another JSON type.
 */
export function readInput<F extends Fields>(fields: F, body: JsonObject): InputOf<F> {
  const problems: string[] = [];
  const input = readMembers(fields, body, '', problems);
  if (problems.length === 0) return input;
  const count = `${problems.length} validation error${problems.length === 1 ? '' : 's'} detected`;
  throw validationException(`${count}: ${problems.join('; ')}`);
}

function readMembers<F extends Fields>(
  fields: F,
  body: JsonObject,
  within: string,
  problems: string[],
): InputOf<F> {
  const entries = Object.entries(fields).map(([name, field]) => {
    const value = Object.hasOwn(body, name) ? body[name] : undefined;
    return [name, field(value, `${within}${name}`, problems)];
  });
  return Object.fromEntries(entries) as InputOf<F>;
}

/** The member may be absent or null. */
export function optional<T>(field: Field<T>): Field<T | undefined> {
  return (value, path, problems) =>
    value === undefined || value === null ? undefined : field(value, path, problems);
}

export interface TextLimits {
  /** Default: 1. */
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
  /** How AWS prints the pattern. */
  readonly shownPattern?: string;
  /** The value is user data and is never repeated in a message. */
  readonly secret?: boolean;
}

/** A string, its length counted in characters. */
export function text(limits: TextLimits = {}): Field<string> {
  const { min = 1, max = Number.POSITIVE_INFINITY, pattern, secret = false } = limits;
  return (value, path, problems) => {
    if (typeof value !== 'string') return missing(value, 'String', path, problems) as never;
    const shown = secret ? 'Value' : `Value '${value}'`;
    const broken = (constraint: string): void => {
      problems.push(`${shown} at '${path}' failed to satisfy constraint: ${constraint}`);
    };
    if (value.length > max) broken(`Member must have length less than or equal to ${max}`);
    else if (value.length < min) broken(`Member must have length greater than or equal to ${min}`);
    else if (pattern && !pattern.test(value)) {
      const source = limits.shownPattern ?? pattern.source;
      broken(`Member must satisfy regular expression pattern: ${source}`);
    }
    return value;
  };
}

/** One of AWS's words. They are listed in messages in the order given here. */
export function oneOf<const W extends readonly string[]>(...words: W): Field<W[number]> {
  return (value, path, problems) => {
    if (typeof value !== 'string') return missing(value, 'String', path, problems) as never;
    if (!words.includes(value)) {
      problems.push(
        `Value '${value}' at '${path}' failed to satisfy constraint: Member must satisfy enum value set: [${words.join(', ')}]`,
      );
    }
    return value;
  };
}

/** A whole number. */
export function whole(min: number, max = Number.MAX_SAFE_INTEGER): Field<number> {
  const any = number(min, max);
  return (value, path, problems) => {
    if (typeof value === 'number' && !Number.isInteger(value)) throw wrongType('Integer', path);
    return any(value, path, problems);
  };
}

export function number(min: number, max: number): Field<number> {
  return (value, path, problems) => {
    if (typeof value !== 'number') return missing(value, 'Number', path, problems) as never;
    const broken = (bound: string): void => {
      problems.push(
        `Value '${value}' at '${path}' failed to satisfy constraint: Member must have value ${bound}`,
      );
    };
    if (value > max) broken(`less than or equal to ${max}`);
    else if (value < min) broken(`greater than or equal to ${min}`);
    return value;
  };
}

export const flag: Field<boolean> = (value, path, problems) =>
  typeof value === 'boolean' ? value : (missing(value, 'Boolean', path, problems) as never);

/** A list of at least `min` and at most `max` members. */
export function list<T>(
  item: Field<T>,
  min = 0,
  max = Number.POSITIVE_INFINITY,
): Field<readonly T[]> {
  return (value, path, problems) => {
    if (!Array.isArray(value)) return missing(value, 'List', path, problems) as never;
    const broken = (bound: string): void => {
      problems.push(
        `Value '${JSON.stringify(value)}' at '${path}' failed to satisfy constraint: Member must have length ${bound}`,
      );
    };
    if (value.length > max) broken(`less than or equal to ${max}`);
    else if (value.length < min) broken(`greater than or equal to ${min}`);
    return value.map((each: Json, index) => item(each, `${path}.${index + 1}.member`, problems));
  };
}

/** A structure. */
export function record<F extends Fields>(fields: F): Field<InputOf<F>> {
  return (value, path, problems) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return missing(value, 'Structure', path, problems) as never;
    return readMembers(fields, value as JsonObject, `${path}.`, problems);
  };
}

function missing(
  value: Json | undefined,
  expected: string,
  path: string,
  problems: string[],
): undefined {
  if (value !== undefined && value !== null) throw wrongType(expected, path);
  problems.push(`Value null at '${path}' failed to satisfy constraint: Member must not be null`);
  return undefined;
}

function wrongType(expected: string, path: string): ServiceError {
  return new ServiceError(
    'SerializationException',
    `The member '${path}' of the request has another JSON type: it must be of type ${expected}.`,
  );
}
