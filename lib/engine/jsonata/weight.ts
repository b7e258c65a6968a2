/** What a number, a boolean or a slot of an array counts. */
const SCALAR = 24;
const OBJECT = 48;
const CHARACTER = 2;
/** Deeper data is refused rather than walked. */
const DEPTH = 1_000;

const known = new WeakMap<object, number>();

/**
 * Object.prototype and its methods: reachable by name in the package (`$states.input.constructor`,
 * `$lookup({}, '__proto__')`), and through them the process's own globals. No expression may hold them.
 */
const forbidden: ReadonlySet<unknown> = new Set<unknown>([
  Object.prototype,
  ...Object.getOwnPropertyNames(Object.prototype).map(
    (name) => Object.getOwnPropertyDescriptor(Object.prototype, name)?.value,
  ),
]);

/**
 * The bytes that a value stands for, counting a part once for each place where it is used: `[$x, $x]`
 * doubles. Remembered by identity, so a value that is passed on costs nothing to weigh again.
 */
export function weigh(value: unknown, depth = 0): number {
  if (typeof value === 'string') {
    return SCALAR + value.length * CHARACTER;
  }
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
    return SCALAR;
  }
  if (forbidden.has(value)) {
    throw new Error('Attempted to read a property that the data does not have');
  }
  if (typeof value === 'function' || isProcedure(value)) {
    return SCALAR;
  }
  const before = known.get(value);
  if (before !== undefined) {
    return before;
  }
  if (depth > DEPTH) {
    throw new Error(`Data nested deeper than ${DEPTH} levels cannot be evaluated`);
  }
  const bytes = Array.isArray(value) ? weighArray(value, depth) : weighObject(value, depth);
  known.set(value, bytes);
  return bytes;
}

function weighArray(value: readonly unknown[], depth: number): number {
  let bytes = OBJECT;
  for (const item of value) {
    bytes += weigh(item, depth + 1);
  }
  return bytes;
}

function weighObject(value: object, depth: number): number {
  let bytes = OBJECT;
  for (const key of Object.keys(value)) {
    bytes += SCALAR + key.length + weigh((value as Record<string, unknown>)[key], depth + 1);
  }
  return bytes;
}

/** A lambda or a built-in of the package: it holds frames, which are not data. */
export function isProcedure(value: object): boolean {
  const marks = value as { _jsonata_lambda?: unknown; _jsonata_function?: unknown };
  return marks._jsonata_lambda === true || marks._jsonata_function === true;
}
