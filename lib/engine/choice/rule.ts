import type { Json, JsonObject } from '../../json.ts';
import type { JsonataScope } from '../jsonata/scope.ts';
import type { PathScope } from '../jsonpath/scope.ts';
import { compileCondition } from './condition.ts';
import { compilePathRule } from './path-rule.ts';

/** A Choice rule of a JSONPath state: whether it holds; throws `StateFailure` `States.Runtime`. */
export type PathRule = (scope: PathScope) => boolean;

/** A Choice rule of a JSONata state; fails with `States.QueryEvaluationError`. */
export type ConditionRule = (scope: JsonataScope) => boolean | Promise<boolean>;

/**
 * Compiles one of a Choice state's rules: for JSONPath a Variable with one of the comparison operators,
 * or And, Or, Not; for JSONata a Condition. `location` is where the rule stands ('Choices[0]'). Next,
 * Assign, Output and Comment are the caller's. Throws `DefinitionInvalid`.
 */
export function compileChoiceRule(
  rule: JsonObject,
  queryLanguage: 'JSONPath',
  location?: string,
): PathRule;
export function compileChoiceRule(
  rule: JsonObject,
  queryLanguage: 'JSONata',
  location?: string,
): ConditionRule;
export function compileChoiceRule(
  rule: JsonObject,
  queryLanguage: 'JSONPath' | 'JSONata',
  location?: string,
): PathRule | ConditionRule;
export function compileChoiceRule(
  rule: JsonObject,
  queryLanguage: 'JSONPath' | 'JSONata',
  location = 'Choices[0]',
): PathRule | ConditionRule {
  return queryLanguage === 'JSONata'
    ? compileCondition(rule.Condition as Json, `${location}/Condition`)
    : compilePathRule(rule);
}
