import type { Json, JsonObject } from '../../lib/json.ts';

/**
 * Where `actual` differs from what a recording expects, or undefined when it does not. Matchers:
 * `{$any:true}` anything, `{$pattern:re}` a string, `{$json:V}` a string that parses to V.
 */
export function difference(actual: unknown, expected: Json, path = '$'): string | undefined {
  if (isObject(expected)) {
    const [key] = Object.keys(expected);
    if (key === '$any') return undefined;
    if (key === '$pattern') return patternDifference(actual, expected.$pattern as string, path);
    if (key === '$json') return jsonDifference(actual, expected.$json as Json, path);
    return objectDifference(actual, expected, path);
  }
  if (Array.isArray(expected)) return arrayDifference(actual, expected as readonly Json[], path);
  return Object.is(actual, expected) || actual === expected
    ? undefined
    : differ(path, actual, expected);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function differ(path: string, actual: unknown, expected: unknown): string {
  return `${path}: got ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`;
}

function patternDifference(actual: unknown, pattern: string, path: string): string | undefined {
  const matches = typeof actual === 'string' && new RegExp(pattern).test(actual);
  return matches ? undefined : differ(path, actual, { $pattern: pattern });
}

function jsonDifference(actual: unknown, expected: Json, path: string): string | undefined {
  if (typeof actual !== 'string') return differ(path, actual, { $json: expected });
  try {
    return difference(JSON.parse(actual), expected, `${path}(json)`);
  } catch {
    return differ(path, actual, { $json: expected });
  }
}

function objectDifference(actual: unknown, expected: JsonObject, path: string): string | undefined {
  if (!isObject(actual)) return differ(path, actual, expected);
  const keys = new Set([...Object.keys(actual), ...Object.keys(expected)]);
  for (const key of keys) {
    if (!Object.hasOwn(expected, key)) return `${path}.${key}: is there, but not expected`;
    if (!Object.hasOwn(actual, key)) return `${path}.${key}: is missing`;
    const found = difference(actual[key], expected[key] as Json, `${path}.${key}`);
    if (found) return found;
  }
  return undefined;
}

function arrayDifference(
  actual: unknown,
  expected: readonly Json[],
  path: string,
): string | undefined {
  if (!Array.isArray(actual)) return differ(path, actual, expected);
  if (actual.length !== expected.length)
    return `${path}: has ${actual.length} items, expected ${expected.length}`;
  for (const [index, item] of expected.entries()) {
    const found = difference(actual[index], item, `${path}[${index}]`);
    if (found) return found;
  }
  return undefined;
}
