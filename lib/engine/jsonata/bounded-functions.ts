import type { AddedFunction } from './functions.ts';
import { ELEMENTS, MEMORY_EXCEEDED } from './limits.ts';

/**
 * Functions of the package under their own names, with the same results, in bounded time and memory:
 * its `$sort` keeps n lists of up to n elements, its `$distinct` compares each with each, and its `$pad`
 * builds the padding before anyone can look at it.
 */
export const boundedFunctions: readonly AddedFunction[] = [
  { name: 'distinct', signature: '<x:x>', implementation: distinct },
  { name: 'pad', signature: '<s-ns?:s>', implementation: pad },
  { name: 'sort', signature: '<af?:a>', implementation: sort },
];

/** As the package's, which compares each with each: a list of 100,000 would take it minutes. */
function distinct(value: unknown): unknown {
  if (!Array.isArray(value) || value.length <= 1) {
    return value;
  }
  const seen = new Set<unknown>();
  const kept: unknown[] & { sequence?: boolean } = [];
  for (const item of value) {
    const key =
      typeof item === 'object' && item !== null ? `json:${canonical(item)}` : tagged(item);
    if (!seen.has(key)) {
      seen.add(key);
      kept.push(item);
    }
  }
  if ((value as { sequence?: boolean }).sequence === true) {
    kept.sequence = true;
  }
  return kept;
}

function tagged(item: unknown): unknown {
  return typeof item === 'string' ? `text:${item}` : item;
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** As the package's, whose padding of a billion characters would be built before anyone could stop it. */
function pad(text: string | undefined, width: number, fill = ' '): string | undefined {
  if (text === undefined) {
    return undefined;
  }
  const missing = Math.abs(width) - [...text].length;
  if (missing > ELEMENTS * 12) {
    throw new Error(MEMORY_EXCEEDED);
  }
  if (!(missing > 0)) {
    return text;
  }
  const characters = [...(fill === '' ? ' ' : fill)];
  let padding = '';
  for (let index = 0; index < Math.trunc(missing); index += 1) {
    padding += characters[index % characters.length];
  }
  return width > 0 ? text + padding : padding + text;
}

type Comparator = (left: unknown, right: unknown) => unknown;

/** A stable merge sort; the comparator answers whether its first argument belongs after its second. */
async function sort(array?: readonly unknown[], comparator?: Comparator): Promise<unknown> {
  if (array === undefined || array.length <= 1) {
    return array;
  }
  if (comparator !== undefined) {
    return mergeSort(array, comparator);
  }
  const kind = typeof array[0];
  if ((kind !== 'number' && kind !== 'string') || array.some((item) => typeof item !== kind)) {
    throw { code: 'D3070', index: 1 };
  }
  return [...(array as string[])].sort((left, right) => (left > right ? 1 : left < right ? -1 : 0));
}

async function mergeSort(array: readonly unknown[], after: Comparator): Promise<unknown[]> {
  let runs: unknown[][] = array.map((item) => [item]);
  while (runs.length > 1) {
    const merged: unknown[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      const right = runs[index + 1];
      merged.push(right === undefined ? runs[index]! : await merge(runs[index]!, right, after));
    }
    runs = merged;
  }
  return runs[0]!;
}

async function merge(left: unknown[], right: unknown[], after: Comparator): Promise<unknown[]> {
  const result: unknown[] = [];
  let [l, r] = [0, 0];
  while (l < left.length && r < right.length) {
    result.push((await after(left[l], right[r])) ? right[r++] : left[l++]);
  }
  return result.concat(left.slice(l), right.slice(r));
}
