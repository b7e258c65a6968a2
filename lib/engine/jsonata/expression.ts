import type { Json } from '../../json.ts';
import { type ExpressionSite, undefinedResult } from './failure.ts';
import { compileFastPath, GIVE_UP } from './fast-path.ts';
import { interpret } from './interpreter.ts';
import { parseExpression } from './package.ts';
import type { JsonataScope } from './scope.ts';

/** A compiled JSONata expression. */
export interface Expression extends ExpressionSite {
  /** The text between `{%` and `%}`, trimmed. */
  readonly source: string;
  /** The field relative to the state, for causes: 'Output/total'. */
  readonly location: string;
  /**
   * The value, at once where the fast path serves the expression and as a promise otherwise. Throws
   * (or rejects with) `StateFailure` `States.QueryEvaluationError` with the location as its
   * `evaluation`: for an error, for an undefined result, for a result that is not JSON, and past the
   * limits on depth, memory and time.
   */
  evaluate(scope: JsonataScope): Json | Promise<Json>;
}

/**
 * Compiles a JSONata expression as AWS runs it: JSONata 2.0.6 less `$eval`, plus `$partition`, `$range`,
 * `$hash`, `$random(seed)`, `$uuid` and `$parse`, with no context item (`$` and `$$` are nothing).
 * `location` is the field that holds it ('Output/total'). Throws `ExpressionInvalid`.
 */
export function compileExpression(source: string, location = ''): Expression {
  const tree = parseExpression(source);
  const fast = compileFastPath(tree);
  const interpreted = interpret(source, tree);
  const site: ExpressionSite = { source, location };
  if (fast === undefined) {
    return { ...site, evaluate: (scope) => interpreted(scope, site) };
  }
  return {
    ...site,
    evaluate(scope) {
      const value = fast(scope);
      if (value === GIVE_UP) {
        return interpreted(scope, site);
      }
      if (value === undefined) {
        throw undefinedResult(site);
      }
      return value as Json;
    },
  };
}

/** The source inside `{% ... %}`, or undefined when the text is not an expression but a plain string. */
export function expressionSource(text: string): string | undefined {
  return text.startsWith('{%') && text.endsWith('%}') && text.length >= 4
    ? text.slice(2, -2).trim()
    : undefined;
}
