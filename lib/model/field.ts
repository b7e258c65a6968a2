/**
 * The value at a path inside parsed JSON of unknown shape, or undefined where the path ends early.
 * Replies come from many servers: nothing in them is taken for granted.
 */
export function field(value: unknown, ...path: readonly (string | number)[]): unknown {
  let at = value;
  for (const key of path) {
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string | number, unknown>)[key];
  }
  return at;
}

/** The text at a path, or undefined where it is not a text. */
export function textField(
  value: unknown,
  ...path: readonly (string | number)[]
): string | undefined {
  const found = field(value, ...path);
  return typeof found === 'string' ? found : undefined;
}
