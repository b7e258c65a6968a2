import type { Json, JsonObject } from '../../json.ts';
import { COMPARISONS, type ComparisonType } from '../choice/comparison.ts';
import { parseTimestamp } from '../choice/timestamp.ts';
import { TYPE_TESTS } from '../choice/type-test.ts';
import { isObject, referencePath } from './field-check.ts';
import { checkedExpression } from './jsonata-check.ts';
import type { Site } from './site.ts';
import { requireFields } from './state-rules.ts';

/** Nested And, Or and Not. */
const DEPTH = 100;

const LITERALS: Readonly<Record<ComparisonType, (value: Json) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  timestamp: (value) => typeof value === 'string' && parseTimestamp(value) !== undefined,
};

/** Checks what is left of a Choice rule without Next, Assign, Output and Comment. */
export function checkRuleBody(rule: JsonObject, site: Site): void {
  if (site.language === 'JSONata') {
    checkCondition(rule, site);
  } else if (Object.hasOwn(rule, 'Condition')) {
    site.fail(
      "The QueryLanguage is set to 'JSONPath', but field 'Condition' is only supported for the 'JSONata' QueryLanguage",
    );
  } else {
    checkPathRule(rule, site, 0);
  }
}

function checkCondition(rule: JsonObject, site: Site): void {
  for (const name of Object.keys(rule)) {
    if (name !== 'Condition') {
      site.fail(
        `The QueryLanguage is set to 'JSONata', but field '${name}' is only supported for the 'JSONPath' QueryLanguage`,
      );
    }
  }
  const condition = rule.Condition;
  if (!requireFields(rule, ['Condition'], site) || typeof condition === 'boolean') {
    return;
  }
  if (!checkedExpression(condition as Json, site.at('Condition'))) {
    site.at('Condition').fail('Value must be a JSONata expression or a boolean');
  }
}

function checkPathRule(rule: JsonObject, site: Site, depth: number): void {
  const operators = Object.keys(rule).filter((name) => name !== 'Variable' && name !== 'Comment');
  if (operators.length !== 1 || depth > DEPTH) {
    site.fail('A Choice rule must have exactly one comparison operator');
    return;
  }
  const operator = operators[0]!;
  const operand = rule[operator]!;
  if (operator === 'And' || operator === 'Or') {
    checkRules(operand, site.at(operator), depth);
  } else if (operator === 'Not') {
    checkNested(operand, site.at('Not'), depth);
  } else if (requireFields(rule, ['Variable'], site)) {
    referencePath(rule.Variable!, site.at('Variable'));
    checkOperand(operator, operand, site);
  }
}

function checkRules(rules: Json, site: Site, depth: number): void {
  if (!Array.isArray(rules) || rules.length === 0) {
    site.fail('Value must be a non-empty array');
    return;
  }
  for (const [index, rule] of rules.entries()) {
    checkNested(rule as Json, site.at(index), depth);
  }
}

function checkNested(rule: Json, site: Site, depth: number): void {
  if (!isObject(rule)) {
    site.fail('Value must be an object');
  } else if (Object.hasOwn(rule, 'Next')) {
    site.fail("Field 'Next' is not supported");
  } else {
    checkPathRule(rule, site, depth + 1);
  }
}

function checkOperand(operator: string, operand: Json, site: Site): void {
  const literal = COMPARISONS.get(operator);
  if (literal !== undefined) {
    if (!LITERALS[literal.type](operand)) {
      site.at(operator).fail(`Value must be a ${literal.type}`);
    }
  } else if (operator === 'IsPresent' || TYPE_TESTS.has(operator)) {
    if (typeof operand !== 'boolean') {
      site.at(operator).fail('Value must be a boolean');
    }
  } else if (operator.endsWith('Path') && COMPARISONS.has(operator.slice(0, -4))) {
    referencePath(operand, site.at(operator));
  } else {
    site.fail(`Field '${operator}' is not supported`);
  }
}
