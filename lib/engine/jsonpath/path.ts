import type { Json } from '../../json.ts';
import { StateFailure } from '../failure.ts';
import { Effort, evaluatePath, rootValue, step } from './evaluate.ts';
import { parsePath } from './parse.ts';
import type { PathScope } from './scope.ts';
import { isDefinite, type PathSyntax, type PathToken } from './token.ts';

/** A compiled JSONPath. */
export interface JsonPath {
  readonly text: string;
  /** True when the path can match one value at most: no wildcard, `..`, slice, union or filter. */
  readonly definite: boolean;
  /** The variable that the path starts at, or undefined. */
  readonly variable: string | undefined;
  /**
   * The value that the path finds, or undefined for a definite path that finds nothing. An indefinite
   * path always gives an array, empty when nothing matches.
   */
  read(scope: PathScope): Json | undefined;
  /**
   * As `read`; a path that finds nothing throws `StateFailure` `States.Runtime` in AWS's words:
   * "Invalid path '$.a.b' : Missing property in path $['a']".
   */
  require(scope: PathScope): Json;
}

/**
 * Compiles a JSONPath with the semantics of Jayway's, which AWS runs: `$` the input, `$$` the context
 * object, `$name` a variable; names, indices (negative from the end), unions, slices, wildcards, `..`,
 * filters `[?(@.price > 10 && @.kind == 'a')]`, and the functions of `path-function.ts`. Throws
 * `PathInvalid`.
 */
export function compilePath(text: string): JsonPath {
  const syntax = parsePath(text);
  const read = reader(syntax);
  return {
    text,
    definite: isDefinite(syntax.tokens),
    variable: syntax.root.kind === 'variable' ? syntax.root.name : undefined,
    read,
    require(scope) {
      const value = read(scope);
      if (value === undefined) {
        throw new StateFailure('States.Runtime', `Invalid path '${text}' : ${why(syntax, scope)}`);
      }
      return value;
    },
  };
}

/** A definite path looks at one value for each step, and counts nothing. */
const NONE = new Effort();

function reader(syntax: PathSyntax): (scope: PathScope) => Json | undefined {
  if (syntax.tokens.length === 0 && syntax.root.kind === 'input') {
    return (scope) => scope.input;
  }
  return isDefinite(syntax.tokens)
    ? (scope) => evaluatePath(syntax, { scope, effort: NONE })
    : (scope) => evaluatePath(syntax, { scope, effort: new Effort() });
}

/** In Jayway's words: which part of a definite path finds nothing. */
function why(syntax: PathSyntax, scope: PathScope): string {
  let value = rootValue(syntax, { scope, effort: NONE });
  let before = '$';
  for (const [index, token] of syntax.tokens.entries()) {
    const path = before + bracketed(token);
    const next = value === undefined ? undefined : step(value, token);
    const leaf = index === syntax.tokens.length - 1;
    if (next === undefined && token.kind === 'property' && !isObject(value)) {
      return `Expected to find an object with property ['${token.name}'] in path ${before} but found '${jacksonName(value)}'. This is not a json object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider'.`;
    }
    if (next === undefined && !leaf && token.kind === 'property') {
      return `Missing property in path ${path}`;
    }
    if (next === undefined) {
      break;
    }
    value = next;
    before = path;
  }
  return `No results for path: $${syntax.tokens.map(bracketed).join('')}`;
}

function bracketed(token: PathToken): string {
  switch (token.kind) {
    case 'property':
      return `['${token.name}']`;
    case 'index':
      return `[${token.index}]`;
    case 'properties':
      return `[${token.names.map((name) => `'${name}'`).join(',')}]`;
    case 'function':
      return `.${token.name}()`;
    default:
      return '';
  }
}

function isObject(value: Json | undefined): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function jacksonName(value: Json | undefined): string {
  const names: Readonly<Record<string, string>> = {
    string: 'TextNode',
    boolean: 'BooleanNode',
    number: Number.isInteger(value) ? 'IntNode' : 'DoubleNode',
  };
  if (value === undefined || value === null) {
    return 'null';
  }
  return `com.fasterxml.jackson.databind.node.${Array.isArray(value) ? 'ArrayNode' : names[typeof value]}`;
}
