import type { Json } from '../json.ts';
import { jsonataScope, pathScope } from './data-flow.ts';
import { StateFailure } from './failure.ts';
import { expressionSource } from './jsonata/expression.ts';
import { unexpectedResult } from './jsonata/failure.ts';
import { compileJsonataTemplate } from './jsonata/template.ts';
import { compilePath } from './jsonpath/path.ts';
import { compilePayloadTemplate } from './jsonpath/payload-template.ts';
import type { QueryLanguage, StateDefinition } from './states/state.ts';
import type { Strand } from './strand.ts';

/** A single value of a state's definition, read when the state runs. */
export type Field<T> = (strand: Strand, input: Json) => T | Promise<T>;

/** The kinds of number that a field may want. */
export type NumberKind = 'integer' | 'float';

/**
 * Compiles a number such as `TimeoutSeconds`: a literal; in JSONPath also `TimeoutSecondsPath`, which
 * may find a number or its text; in JSONata also an expression. Undefined when the field is absent.
 */
export function compileNumber(
  definition: StateDefinition,
  name: string,
  language: QueryLanguage,
  kind: NumberKind = 'integer',
  location = name,
): Field<number> | undefined {
  const literal = definition[name];
  if (typeof literal === 'number') return () => literal;
  if (language === 'JSONata') {
    return literal === undefined ? undefined : numberExpression(literal, location);
  }
  const path = definition[`${name}Path`];
  return typeof path === 'string' ? numberPath(name, path, kind) : undefined;
}

function numberPath(name: string, text: string, kind: NumberKind): Field<number> {
  const path = compilePath(text);
  return (strand, input) => {
    const value = path.require(pathScope(strand, input));
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    const valid = typeof number === 'number' && (kind === 'float' || Number.isInteger(number));
    if (valid && Number.isFinite(number)) return number as number;
    const shown = typeof value === 'string' ? value : JSON.stringify(value);
    throw new StateFailure(
      'States.Runtime',
      `The ${name}Path field refers to value "${shown}" which is not a valid ${kind}: ${text}`,
    );
  };
}

function numberExpression(value: Json, location: string): Field<number> {
  return typedExpression(value, location, 'number', (result) => typeof result === 'number');
}

/** Compiles a JSONata field that must give a value of one type; fails in AWS's words otherwise. */
export function typedExpression<T>(
  value: Json,
  location: string,
  expected: string,
  fits: (result: Json) => boolean,
): Field<T> {
  const template = compileJsonataTemplate(value, location);
  const source = (typeof value === 'string' && expressionSource(value)) || String(value);
  const check = (result: Json): T => {
    if (fits(result)) return result as T;
    throw unexpectedResult({ source, location }, expected, result);
  };
  return (strand) => {
    const result = template.evaluate(jsonataScope(strand));
    return result instanceof Promise ? result.then(check) : check(result);
  };
}

/** Compiles a JSONPath of which the state's effective input is read. */
export function compileInputPath(text: string): Field<Json> {
  const path = compilePath(text);
  return (strand, input) => path.require(pathScope(strand, input));
}

/**
 * Compiles a payload that stands beside the state's own data (ItemReader, ItemBatcher, ResultWriter,
 * Credentials), in either language.
 */
export function compileTemplate(
  value: Json,
  language: QueryLanguage,
  location: string,
): Field<Json> {
  if (language === 'JSONPath') {
    const template = compilePayloadTemplate(value);
    return (strand, input) => template(pathScope(strand, input));
  }
  const template = compileJsonataTemplate(value, location);
  return (strand) => template.evaluate(jsonataScope(strand));
}
