import { WorkflowInvalid } from '../errors.ts';
import type { Expression, Operator } from './graph.ts';
import type { Given, Symbolic } from './symbolic.ts';
import { symbolic } from './symbolic-value.ts';
import { currentScope } from './trace.ts';
import { toValue } from './value.ts';

/**
 * Conditions: what JavaScript cannot ask of a value that only a run knows. Each gives a symbolic
 * boolean, for `when`, for `until`, or to pass on like any value. They cost nothing.
 *
 * A comparison of what cannot be compared (a number with a text, a part that is not there) fails the
 * run with States.QueryEvaluationError; ask `exists` first.
 */
export type Condition = Symbolic<boolean>;

/** Equal, in depth: objects whatever the order of their keys. A part that is not there equals nothing. */
export function eq<T>(a: Given<T>, b: NoInfer<Given<T>>): Condition {
  return operation('eq', [a, b]);
}

/** Not `eq`. */
export function ne<T>(a: Given<T>, b: NoInfer<Given<T>>): Condition {
  return operation('ne', [a, b]);
}

/** a < b: two numbers, or two texts by their code points. */
export function lt(a: Orderable, b: Orderable): Condition {
  return operation('lt', [a, b]);
}

/** a <= b */
export function lte(a: Orderable, b: Orderable): Condition {
  return operation('lte', [a, b]);
}

/** a > b */
export function gt(a: Orderable, b: Orderable): Condition {
  return operation('gt', [a, b]);
}

/** a >= b */
export function gte(a: Orderable, b: Orderable): Condition {
  return operation('gte', [a, b]);
}

type Orderable = Given<number> | Given<string>;

/** All hold; `and()` holds. What stands after the first that does not hold is not asked. */
export function and(...conditions: readonly Given<boolean>[]): Condition {
  return operation('and', conditions);
}

/** One holds; `or()` does not hold. What stands after the first that holds is not asked. */
export function or(...conditions: readonly Given<boolean>[]): Condition {
  return operation('or', conditions);
}

export function not(condition: Given<boolean>): Condition {
  return operation('not', [condition]);
}

/** The part is there and is not null. */
export function exists(value: unknown): Condition {
  return operation('exists', [value]);
}

/** A list has an equal element (numbers, texts, booleans), or a text has the other text in it. */
export function includes(
  whole: Given<string> | Given<readonly unknown[]>,
  part: unknown,
): Condition {
  return operation('includes', [whole, part]);
}

/**
 * The text has a match of the pattern. Of the flags only `i` and `m` can be carried.
 * @throws WorkflowInvalid
 */
export function matches(text: Given<string>, pattern: RegExp): Condition {
  if (!(pattern instanceof RegExp) || /[^im]/.test(pattern.flags)) {
    throw new WorkflowInvalid(
      `matches was given ${pattern instanceof RegExp ? `the flags '${pattern.flags}'` : 'no regular expression'}. ` +
        'Write matches(text, /pattern/), with no flags but i and m.',
    );
  }
  const source = pattern.source.replaceAll('{%', '\\u007b%').replaceAll('%}', '%\\u007d');
  return operation('matches', [text, `/${source}/${pattern.flags}`]);
}

function operation(operator: Operator, operands: readonly unknown[]): Condition {
  const trace = currentScope()?.trace;
  if (!trace) {
    throw new WorkflowInvalid(
      `The condition ${operator}(...) is made outside a workflow's body. Conditions compare what only a run knows: use plain JavaScript elsewhere.`,
    );
  }
  const values = operands.map((operand, index) =>
    toValue(operand, trace, `operand ${index + 1} of ${operator}`),
  );
  const value: Expression = { kind: 'operation', operator, operands: values, path: [] };
  return symbolic({ trace, value, text: `${operator}(...)` }) as Condition;
}
