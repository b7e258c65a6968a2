import type { Json } from '../../json.ts';
import { type ExpressionSite, unsupportedResult } from './failure.ts';
import { isProcedure, weigh } from './weight.ts';

/**
 * The package's result as plain JSON: sequences become arrays, objects without a prototype get one, and
 * parts that are plain already are kept, not copied. Functions are refused; a number that JSON cannot
 * hold becomes its name ('Infinity'), as Java's JSON writer has it.
 */
export function plainResult(value: unknown, site: ExpressionSite): Json {
  weigh(value);
  return plain(value, site);
}

function plain(value: unknown, site: ExpressionSite): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'object':
      if (value === null) {
        return null;
      }
      return Array.isArray(value) ? plainArray(value, site) : plainObject(value, site);
    default:
      throw unsupportedResult(site);
  }
}

function plainArray(value: readonly unknown[], site: ExpressionSite): Json {
  let copy: Json[] | undefined = isMarked(value) ? [...(value as Json[])] : undefined;
  for (let index = 0; index < value.length; index += 1) {
    const part = plain(value[index] === undefined ? null : value[index], site);
    if (part !== value[index]) {
      copy ??= [...(value as Json[])];
      copy[index] = part;
    }
  }
  return copy ?? (value as Json[]);
}

/** The package marks sequences by properties of the array. */
function isMarked(value: readonly unknown[]): boolean {
  return 'sequence' in value || 'keepSingleton' in value || 'cons' in value;
}

function plainObject(value: object, site: ExpressionSite): Json {
  if (isProcedure(value)) {
    throw unsupportedResult(site);
  }
  let changed = Object.getPrototypeOf(value) !== Object.prototype;
  const entries: [string, Json][] = [];
  for (const [key, before] of Object.entries(value)) {
    if (before === undefined) {
      changed = true;
      continue;
    }
    const part = plain(before, site);
    changed ||= part !== before;
    entries.push([key, part]);
  }
  return changed ? Object.fromEntries(entries) : (value as Json);
}
