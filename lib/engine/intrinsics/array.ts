import type { Json } from '../../json.ts';
import { equalValues } from '../jsonata/operators.ts';
import { arrayArgument, type Intrinsic, IntrinsicError, integerArgument } from './intrinsic.ts';

const RANGE = 1_000;

/** The functions on arrays. */
export const arrayIntrinsics: Readonly<Record<string, Intrinsic>> = {
  Array: { arity: [0, Number.POSITIVE_INFINITY], apply: (args) => [...args] },
  ArrayPartition: { arity: [2, 2], apply: partition },
  ArrayContains: {
    arity: [2, 2],
    apply: (args) => arrayArgument(args, 0).some((item) => equalValues(item, args[1])),
  },
  ArrayRange: { arity: [3, 3], apply: range },
  ArrayGetItem: { arity: [2, 2], apply: item },
  ArrayLength: { arity: [1, 1], apply: (args) => arrayArgument(args, 0).length },
  ArrayUnique: { arity: [1, 1], apply: unique },
};

function partition(args: readonly Json[]): Json {
  const array = arrayArgument(args, 0);
  const size = integerArgument(args, 1);
  if (size < 1) {
    throw new IntrinsicError(`The chunk size is ${size}: it must be a positive number`);
  }
  const chunks: Json[] = [];
  for (let start = 0; start < array.length; start += size) {
    chunks.push(array.slice(start, start + size));
  }
  return chunks;
}

/** first, first + step, ... up to and including last; at most 1,000 numbers. */
function range(args: readonly Json[]): Json {
  const [first, last, step] = [0, 1, 2].map((index) => integerArgument(args, index)) as [
    number,
    number,
    number,
  ];
  if (step === 0) {
    throw new IntrinsicError('The step is 0: it must be another number');
  }
  const count = Math.max(Math.floor((last - first) / step) + 1, 0);
  if (count > RANGE) {
    throw new IntrinsicError(`The range has ${count} items: at most ${RANGE} are allowed`);
  }
  return Array.from({ length: count }, (_, index) => first + index * step);
}

function item(args: readonly Json[]): Json {
  const array = arrayArgument(args, 0);
  const index = integerArgument(args, 1);
  const found = index < 0 ? undefined : array[index];
  if (found === undefined) {
    throw new IntrinsicError(
      `The index ${index} is outside the array, whose length is ${array.length}`,
    );
  }
  return found;
}

function unique(args: readonly Json[]): Json {
  const scalars = new Set<Json>();
  const kept: Json[] = [];
  const compound: Json[] = [];
  for (const value of arrayArgument(args, 0)) {
    if (typeof value !== 'object' || value === null) {
      if (!scalars.has(value)) {
        scalars.add(value);
        kept.push(value);
      }
    } else if (!compound.some((other) => equalValues(other, value))) {
      compound.push(value);
      kept.push(value);
    }
  }
  return kept;
}
