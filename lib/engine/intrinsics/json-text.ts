import type { Json } from '../../json.ts';
import { type Intrinsic, IntrinsicError, stringArgument } from './intrinsic.ts';

/** JSON as text and as values. */
export const jsonIntrinsics: Readonly<Record<string, Intrinsic>> = {
  StringToJson: { arity: [1, 1], apply: parse },
  JsonToString: { arity: [1, 1], apply: (args) => JSON.stringify(args[0]) },
  JsonMerge: { arity: [3, 3], apply: merge },
};

/** Blank text is null. */
function parse(args: readonly Json[]): Json {
  const text = stringArgument(args, 0);
  if (text.trim() === '') {
    return null;
  }
  try {
    const value = JSON.parse(text) as Json;
    return Object.is(value, -0) ? 0 : value;
  } catch {
    throw new IntrinsicError('Argument 1 is not valid JSON');
  }
}

/** The second object's fields win; AWS has the shallow merge only, so the third argument is false. */
function merge(args: readonly Json[]): Json {
  const [first, second, deep] = args;
  if (!isObject(first) || !isObject(second)) {
    throw new IntrinsicError('Arguments 1 and 2 must be objects');
  }
  if (deep !== false) {
    throw new IntrinsicError('Argument 3 must be false: only the shallow merge is supported');
  }
  return Object.fromEntries(new Map([...Object.entries(first), ...Object.entries(second)]));
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
