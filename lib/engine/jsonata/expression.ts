import type { Json } from '../../json.ts';
import type { JsonataScope } from './scope.ts';

/** A compiled JSONata expression. */
export interface Expression {
  /** The text between `{%` and `%}`, trimmed. */
  readonly source: string;
  /**
   * The value, at once where the fast path serves the expression and as a promise otherwise. Throws
   * (or rejects with) `StateFailure` `States.QueryEvaluationError`, its `evaluation.location` being the
   * location given at compile time: also for an undefined result.
   */
  evaluate(scope: JsonataScope): Json | Promise<Json>;
}

/**
 * Compiles a JSONata expression as AWS runs it. `location` is the field that holds it ('Output/total').
 * Throws `ExpressionInvalid` when it is not valid.
 */
export function compileExpression(source: string, location = ''): Expression {
  throw new Error(`not compiled yet: ${source} at ${location}`);
}
