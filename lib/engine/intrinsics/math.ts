import type { Json } from '../../json.ts';
import { JavaRandom } from '../jsonata/java-random.ts';
import { type Intrinsic, IntrinsicError, integerArgument } from './intrinsic.ts';

const LEAST = -(2 ** 31);
const GREATEST = 2 ** 31 - 1;

/** Arithmetic on integers; a fraction is rounded first. */
export const mathIntrinsics: Readonly<Record<string, Intrinsic>> = {
  MathAdd: {
    arity: [2, 2],
    apply: (args) => bounded(args, 0) + bounded(args, 1),
  },
  MathRandom: { arity: [2, 3], apply: random },
};

function bounded(args: readonly Json[], index: number): number {
  const value = integerArgument(args, index);
  if (value < LEAST || value > GREATEST) {
    throw new IntrinsicError(`Argument ${index + 1} must be between ${LEAST} and ${GREATEST}`);
  }
  return value;
}

/** From the first (included) to the second (excluded); a seed repeats its number. */
function random(args: readonly Json[], next: () => number): Json {
  const start = bounded(args, 0);
  const width = bounded(args, 1) - start;
  if (width <= 0) {
    throw new IntrinsicError('Argument 2 must be greater than argument 1');
  }
  if (args.length < 3 || width > GREATEST) {
    return start + Math.floor(next() * width);
  }
  return start + new JavaRandom(BigInt(integerArgument(args, 2))).nextInt(width);
}
