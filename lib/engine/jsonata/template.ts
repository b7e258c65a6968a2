import type { Json } from '../../json.ts';
import { compileExpression, expressionSource } from './expression.ts';
import type { JsonataScope } from './scope.ts';

/** A compiled JSONata template. */
export interface JsonataTemplate {
  /** The value when no part of it is an expression; undefined otherwise. */
  readonly constant: Json | undefined;
  /**
   * The value with every expression replaced by its result; a promise only when one of them needs it.
   * Fails as `Expression.evaluate` does, with the first failing expression in document order.
   */
  evaluate(scope: JsonataScope): Json | Promise<Json>;
}

/**
 * Compiles any JSON with `{% ... %}` strings (Arguments, Output, Assign, Items, ...). Only a string that
 * starts with `{%` and ends with `%}` is an expression; constant subtrees are reused, not copied.
 * `location` is the field's name ('Arguments'), extended by `/key` and `[index]` for the causes of
 * failures. Throws `ExpressionInvalid`.
 */
export function compileJsonataTemplate(value: Json, location: string): JsonataTemplate {
  const evaluate = compilePart(value, location);
  return evaluate === undefined
    ? { constant: value, evaluate: () => value }
    : { constant: undefined, evaluate };
}

type Part = (scope: JsonataScope) => Json | Promise<Json>;

/** Undefined for a part without an expression. */
function compilePart(value: Json, location: string): Part | undefined {
  if (typeof value === 'string') {
    const source = expressionSource(value);
    return source === undefined
      ? undefined
      : (compileExpression(source, location).evaluate satisfies Part);
  }
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  if (Array.isArray(value)) {
    const parts = value.map((item, index) => compilePart(item, `${location}[${index}]`));
    return parts.some((part) => part !== undefined) ? arrayPart(value, parts) : undefined;
  }
  const keys = Object.keys(value);
  const values = keys.map((key) => (value as { readonly [key: string]: Json })[key]!);
  const parts = keys.map((key, index) => compilePart(values[index]!, `${location}/${key}`));
  return parts.some((part) => part !== undefined) ? objectPart(keys, values, parts) : undefined;
}

function arrayPart(items: readonly Json[], parts: readonly (Part | undefined)[]): Part {
  return (scope) => {
    const { values, pending } = evaluateAll(items, parts, scope);
    return pending === undefined ? (values as Json[]) : settled(values);
  };
}

function objectPart(
  keys: readonly string[],
  constants: readonly Json[],
  parts: readonly (Part | undefined)[],
): Part {
  const build = keys.includes('__proto__') ? buildSafely : buildObject;
  return (scope) => {
    const { values, pending } = evaluateAll(constants, parts, scope);
    return pending === undefined
      ? build(keys, values as Json[])
      : settled(values).then((done) => build(keys, done));
  };
}

interface Evaluated {
  readonly values: (Json | Promise<Json>)[];
  /** The first value that is a promise. */
  readonly pending: Promise<Json> | undefined;
}

function evaluateAll(
  constants: readonly Json[],
  parts: readonly (Part | undefined)[],
  scope: JsonataScope,
): Evaluated {
  const values: (Json | Promise<Json>)[] = new Array(parts.length);
  let pending: Promise<Json> | undefined;
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index];
    if (part === undefined) {
      values[index] = constants[index]!;
      continue;
    }
    const value = pending === undefined ? part(scope) : later(part, scope);
    values[index] = value;
    if (value instanceof Promise) {
      pending ??= value;
    }
  }
  return { values, pending };
}

/** Once something is pending, a failure must reject in its turn instead of being thrown past it. */
function later(part: Part, scope: JsonataScope): Json | Promise<Json> {
  try {
    return part(scope);
  } catch (error) {
    const rejected = Promise.reject(error);
    rejected.catch(() => undefined);
    return rejected;
  }
}

/** In document order, so that the first failing expression is the one that is reported. */
async function settled(values: readonly (Json | Promise<Json>)[]): Promise<Json[]> {
  for (const value of values) {
    if (value instanceof Promise) {
      value.catch(() => undefined);
    }
  }
  const done: Json[] = [];
  for (const value of values) {
    done.push(await value);
  }
  return done;
}

function buildObject(keys: readonly string[], values: readonly Json[]): Json {
  const result: Record<string, Json> = {};
  for (let index = 0; index < keys.length; index += 1) {
    result[keys[index]!] = values[index]!;
  }
  return result;
}

/** For the key `__proto__`, which plain assignment would take for the prototype. */
function buildSafely(keys: readonly string[], values: readonly Json[]): Json {
  return Object.fromEntries(keys.map((key, index) => [key, values[index]!]));
}
