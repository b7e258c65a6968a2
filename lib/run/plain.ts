import type { InputProblem } from '../errors.ts';
import type { Json } from '../json.ts';

/** How deep arrays and objects may stand in each other. Ours: AWS publishes no number. */
export const maxInputDepth = 100;

/**
 * A copy of a value that holds nothing but JSON, as `JSON.stringify` would carry it: fields that are
 * undefined are left out. What JSON has no word for becomes a problem, not a silent null.
 */
export function plainJson(value: unknown): { value: Json; problems: readonly InputProblem[] } {
  const problems: InputProblem[] = [];
  return { value: copy(value, '', 0, problems), problems };
}

function copy(value: unknown, path: string, depth: number, problems: InputProblem[]): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      return wrong(problems, path, `The number ${value} has no form in JSON.`);
    case 'object':
      if (value === null) return null;
      if (depth >= maxInputDepth) {
        return wrong(
          problems,
          path,
          `The input is nested deeper than ${maxInputDepth} levels. Make it flatter.`,
        );
      }
      if (Array.isArray(value)) {
        return value.map((item, i) => copy(item, `${path}/${i}`, depth + 1, problems));
      }
      return copyObject(value, path, depth, problems);
    default:
      return wrong(problems, path, `A value of type ${typeof value} has no form in JSON.`);
  }
}

function copyObject(value: object, path: string, depth: number, problems: InputProblem[]): Json {
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) {
    const name = value.constructor?.name ?? 'a class';
    return wrong(problems, path, `An instance of ${name} has no form in JSON.`);
  }
  const plain: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    // JSON.parse makes `__proto__` a field like any other; the next assignment to it would not.
    if (key === '__proto__') {
      wrong(problems, `${path}/__proto__`, 'A field must not be named "__proto__".');
    } else if (!key.isWellFormed()) {
      wrong(
        problems,
        path,
        "A field's name holds half of a surrogate pair; it is not Unicode text.",
      );
    } else {
      plain[key] = copy(item, `${path}/${escapeSegment(key)}`, depth + 1, problems);
    }
  }
  return plain;
}

/** A field's name as one part of a JSON Pointer (RFC 6901). */
export function escapeSegment(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function wrong(problems: InputProblem[], path: string, message: string): null {
  problems.push({ path, message });
  return null;
}
