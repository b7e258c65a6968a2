import type { Json } from '../../json.ts';
import { matchesPattern } from './string-pattern.ts';
import { parseTimestamp } from './timestamp.ts';

/** A comparison of two values of one type; any other type is never true. */
export type Comparison = (value: Json, other: Json) => boolean;

/** What a comparison's literal must be, for the validator. */
export type ComparisonType = 'string' | 'number' | 'boolean' | 'timestamp';

type Order = (order: number) => boolean;

const ORDERS: Readonly<Record<string, Order>> = {
  Equals: (order) => order === 0,
  LessThan: (order) => order < 0,
  LessThanEquals: (order) => order <= 0,
  GreaterThan: (order) => order > 0,
  GreaterThanEquals: (order) => order >= 0,
};

const TYPES = {
  String: { type: 'string', key: (value: Json) => (typeof value === 'string' ? value : undefined) },
  Numeric: {
    type: 'number',
    key: (value: Json) => (typeof value === 'number' ? value : undefined),
  },
  Timestamp: {
    type: 'timestamp',
    key: (value: Json) => (typeof value === 'string' ? parseTimestamp(value) : undefined),
  },
} as const;

function comparison(key: (value: Json) => string | number | undefined, holds: Order): Comparison {
  return (value, other) => {
    const left = key(value);
    const right = key(other);
    if (left === undefined || right === undefined) {
      return false;
    }
    return holds(left < right ? -1 : left > right ? 1 : 0);
  };
}

interface ComparisonOperator {
  readonly type: ComparisonType;
  readonly compare: Comparison;
}

type Named = readonly [string, ComparisonOperator];

const ordered: readonly Named[] = Object.entries(TYPES).flatMap(([prefix, { type, key }]) =>
  Object.entries(ORDERS).map(
    ([suffix, holds]): Named => [prefix + suffix, { type, compare: comparison(key, holds) }],
  ),
);

const booleanEquals: ComparisonOperator = {
  type: 'boolean',
  compare: (value, other) => typeof value === 'boolean' && value === other,
};

const stringMatches: ComparisonOperator = {
  type: 'string',
  compare: (value, other) =>
    typeof value === 'string' && typeof other === 'string' && matchesPattern(value, other),
};

/**
 * The comparison operators of a JSONPath Choice rule without their `Path` forms: StringEquals,
 * NumericLessThan, TimestampGreaterThanEquals, ..., BooleanEquals and StringMatches.
 */
export const COMPARISONS: ReadonlyMap<string, ComparisonOperator> = new Map([
  ...ordered,
  ['BooleanEquals', booleanEquals],
  ['StringMatches', stringMatches],
]);
