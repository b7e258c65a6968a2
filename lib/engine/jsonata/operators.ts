/**
 * JSONata's operators on plain JSON values, as the package defines them. Undefined as a result means
 * that the package must decide: a type error, or nothing on one side.
 */

export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** JSONata's effective boolean value; undefined stays undefined. */
export function effectiveBoolean(value: unknown): boolean | undefined {
  switch (typeof value) {
    case 'undefined':
      return undefined;
    case 'boolean':
      return value;
    case 'string':
      return value !== '';
    case 'number':
      return value !== 0;
    default:
      return Array.isArray(value)
        ? value.some((item) => effectiveBoolean(item) === true)
        : value !== null && Object.keys(value as object).length > 0;
  }
}

/** Deep equality: objects by the same keys, whatever their order. */
export function equalValues(left: unknown, right: unknown): boolean {
  if (left === right) {
    return true;
  }
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return false;
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    return (
      left.length === right.length && left.every((item, index) => equalValues(item, right[index]))
    );
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    return false;
  }
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every(
      (key) =>
        Object.hasOwn(right, key) &&
        equalValues(
          (left as Record<string, unknown>)[key],
          (right as Record<string, unknown>)[key],
        ),
    )
  );
}

/** Orders two numbers or two strings; undefined for anything else. */
export function compareValues(
  left: unknown,
  right: unknown,
  holds: (order: number) => boolean,
): boolean | undefined {
  const comparable =
    (typeof left === 'number' && typeof right === 'number') ||
    (typeof left === 'string' && typeof right === 'string');
  if (!comparable) {
    return undefined;
  }
  return holds(left < right ? -1 : left > right ? 1 : 0);
}

/** `&`: nothing counts as the empty string. */
export function concatenate(left: unknown, right: unknown): string | undefined {
  const first = text(left);
  const second = text(right);
  return first === undefined || second === undefined ? undefined : first + second;
}

/** As `$string`: numbers to 15 significant digits; undefined where it would fail. */
function text(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'undefined':
      return '';
    case 'number':
      return Number.isFinite(value) ? String(rounded(value)) : undefined;
    default:
      return JSON.stringify(value, (_key, part: unknown) =>
        typeof part === 'number' ? rounded(part) : part,
      );
  }
}

function rounded(value: number): number {
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? value : Number(value.toPrecision(15));
}
