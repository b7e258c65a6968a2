import type { Json } from '../../json.ts';
import { type Intrinsic, IntrinsicError, stringArgument } from './intrinsic.ts';

/** The functions on strings. */
export const textIntrinsics: Readonly<Record<string, Intrinsic>> = {
  Format: { arity: [1, Number.POSITIVE_INFINITY], apply: format },
  StringSplit: { arity: [2, 2], apply: split },
};

/** Each `{}` takes the next argument; `\{`, `\}`, `\'` and `\\` are the characters themselves. */
function format([template, ...values]: readonly Json[]): Json {
  const text = stringArgument([template ?? null], 0);
  let used = 0;
  const result = text.replace(/\\([{}'\\])|\{\}/g, (mark, escaped: string | undefined) => {
    if (escaped !== undefined) {
      return escaped;
    }
    used += 1;
    return used <= values.length ? printed(values[used - 1]!) : mark;
  });
  if (used !== values.length) {
    throw new IntrinsicError(
      `The template has ${used} {} and there are ${values.length} arguments for them`,
    );
  }
  return result;
}

/** As Java prints a value: `{Arg1=1, Arg2=[]}`. */
function printed(value: Json): string {
  if (Array.isArray(value)) {
    return `[${value.map(printed).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([key, part]) => `${key}=${printed(part)}`);
    return `{${fields.join(', ')}}`;
  }
  return String(value);
}

/** At any of the splitter's characters; empty parts are dropped. */
function split(args: readonly Json[]): Json {
  const text = stringArgument(args, 0);
  const splitters = new Set(stringArgument(args, 1));
  const parts: string[] = [''];
  for (const character of text) {
    if (splitters.has(character)) {
      parts.push('');
    } else {
      parts[parts.length - 1] += character;
    }
  }
  return parts.filter((part) => part !== '');
}
