import type { Json } from '../../json.ts';

type PathFunction = (value: Json | undefined) => Json | undefined;

/**
 * The functions that may end a path: `$.items.length()`. On a list of numbers `min`, `max`, `sum`, `avg`
 * and `stddev` ignore what is no number, and are nothing when no number is there.
 */
const FUNCTIONS: Readonly<Record<string, PathFunction>> = {
  length: size,
  size,
  keys: (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.keys(value)
      : undefined,
  first: (value) => (Array.isArray(value) ? value[0] : undefined),
  last: (value) => (Array.isArray(value) ? value.at(-1) : undefined),
  min: overNumbers((numbers) => numbers.reduce((a, b) => Math.min(a, b))),
  max: overNumbers((numbers) => numbers.reduce((a, b) => Math.max(a, b))),
  sum: overNumbers(sum),
  avg: overNumbers((numbers) => sum(numbers) / numbers.length),
  stddev: overNumbers(deviation),
};

export function isPathFunction(name: string): boolean {
  return Object.hasOwn(FUNCTIONS, name);
}

/** Applies a function of that name, which `isPathFunction`. */
export function applyPathFunction(name: string, value: Json | undefined): Json | undefined {
  return FUNCTIONS[name]!(value);
}

function size(value: Json | undefined): Json | undefined {
  if (typeof value === 'string' || Array.isArray(value)) {
    return value.length;
  }
  return typeof value === 'object' && value !== null ? Object.keys(value).length : undefined;
}

function overNumbers(compute: (numbers: readonly number[]) => number): PathFunction {
  return (value) => {
    const numbers = Array.isArray(value) ? value.filter((item) => typeof item === 'number') : [];
    return numbers.length === 0 ? undefined : compute(numbers);
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function deviation(numbers: readonly number[]): number {
  const mean = sum(numbers) / numbers.length;
  return Math.sqrt(sum(numbers.map((number) => (number - mean) ** 2)) / numbers.length);
}
