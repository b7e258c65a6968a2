import { DefinitionInvalid } from '../../errors.ts';
import type { Json } from '../../json.ts';
import { compileExpression, expressionSource } from '../jsonata/expression.ts';
import { unexpectedResult } from '../jsonata/failure.ts';
import type { ConditionRule } from './rule.ts';

/** Compiles a JSONata rule's Condition: an expression that gives a boolean, or `true` or `false`. */
export function compileCondition(condition: Json | undefined, location: string): ConditionRule {
  if (typeof condition === 'boolean') {
    return () => condition;
  }
  const source = typeof condition === 'string' ? expressionSource(condition) : undefined;
  if (source === undefined) {
    throw new DefinitionInvalid(
      `The Condition at ${location} is ${JSON.stringify(condition)}: write a JSONata expression, '{% ... %}', or a boolean.`,
    );
  }
  const expression = compileExpression(source, location);
  const holds = (value: Json) => {
    if (typeof value !== 'boolean') {
      throw unexpectedResult(expression, 'boolean', value);
    }
    return value;
  };
  return (scope) => {
    const value = expression.evaluate(scope);
    return value instanceof Promise ? value.then(holds) : holds(value as Json);
  };
}
