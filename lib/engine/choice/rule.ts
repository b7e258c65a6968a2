import type { Json, JsonObject } from '../../json.ts';
import type { JsonataScope } from '../jsonata/scope.ts';
import type { PathScope } from '../jsonpath/scope.ts';

/** What a Choice rule looks at: the JSONPath scope, or the JSONata one. */
export type ChoiceScope = PathScope & JsonataScope;

/** A compiled Choice rule. */
export type ChoiceRule<Scope> = (scope: Scope) => boolean | Promise<boolean>;

/** Compiles one JSONPath rule (Variable and an operator, or And, Or, Not). */
export function compileChoiceRule(
  rule: JsonObject,
  queryLanguage: 'JSONPath',
  location?: string,
): (scope: PathScope) => boolean;
/** Compiles one JSONata rule (Condition). */
export function compileChoiceRule(
  rule: JsonObject,
  queryLanguage: 'JSONata',
  location?: string,
): (scope: JsonataScope) => boolean | Promise<boolean>;
export function compileChoiceRule(
  rule: JsonObject,
  queryLanguage: 'JSONPath' | 'JSONata',
  location = '',
): (scope: PathScope & JsonataScope) => boolean | Promise<boolean> {
  const reason: Json = Object.keys(rule);
  throw new Error(`not compiled yet: ${reason.join()} ${queryLanguage} ${location}`);
}
