import { DefinitionInvalid } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import { StateFailure } from '../failure.ts';
import { compilePath, type JsonPath } from '../jsonpath/path.ts';
import type { PathScope } from '../jsonpath/scope.ts';
import { COMPARISONS } from './comparison.ts';
import type { PathRule } from './rule.ts';
import { TYPE_TESTS } from './type-test.ts';

/** Compiles a JSONPath rule. A path that finds nothing fails the state, except for IsPresent. */
export function compilePathRule(rule: JsonObject): PathRule {
  if (rule.And !== undefined) {
    const rules = nested(rule.And);
    return (scope) => rules.every((part) => part(scope));
  }
  if (rule.Or !== undefined) {
    const rules = nested(rule.Or);
    return (scope) => rules.some((part) => part(scope));
  }
  if (rule.Not !== undefined) {
    const part = compilePathRule(rule.Not as JsonObject);
    return (scope) => !part(scope);
  }
  const variable = compilePath(String(rule.Variable));
  for (const [operator, operand] of Object.entries(rule)) {
    const compiled = compileTest(variable, operator, operand);
    if (compiled !== undefined) {
      return compiled;
    }
  }
  throw new DefinitionInvalid(
    `A Choice rule has the fields ${Object.keys(rule).join(', ')} and no comparison: write StringEquals, NumericLessThanPath, IsPresent, And, Or, Not or another operator of the Amazon States Language.`,
  );
}

function nested(rules: Json): PathRule[] {
  return (rules as readonly JsonObject[]).map(compilePathRule);
}

/** Undefined for a field that is no operator. */
function compileTest(variable: JsonPath, operator: string, operand: Json): PathRule | undefined {
  if (operator === 'IsPresent') {
    return (scope) => isPresent(variable, scope) === operand;
  }
  const test = TYPE_TESTS.get(operator);
  if (test !== undefined) {
    return (scope) => test(value(variable, scope)) === operand;
  }
  const literal = COMPARISONS.get(operator);
  if (literal !== undefined) {
    return (scope) => literal.compare(value(variable, scope), operand);
  }
  const byPath = operator.endsWith('Path') ? COMPARISONS.get(operator.slice(0, -4)) : undefined;
  if (byPath === undefined) {
    return undefined;
  }
  const other = compilePath(String(operand));
  return (scope) => byPath.compare(value(variable, scope), value(other, scope));
}

function isPresent(path: JsonPath, scope: PathScope): boolean {
  const found = path.read(scope);
  return found !== undefined && (path.definite || (found as readonly Json[]).length > 0);
}

function value(path: JsonPath, scope: PathScope): Json {
  const found = path.read(scope);
  if (found === undefined) {
    throw new StateFailure(
      'States.Runtime',
      `Invalid path '${path.text}': The choice state's condition path references an invalid value.`,
    );
  }
  return found;
}
