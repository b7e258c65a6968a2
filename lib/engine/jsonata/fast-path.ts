import {
  compareValues,
  concatenate,
  effectiveBoolean,
  equalValues,
  isNumber,
} from './operators.ts';
import type { JsonataScope } from './scope.ts';
import type { SyntaxNode, SyntaxStage } from './syntax.ts';

/** Given up: the package must evaluate the expression, on this scope. Never a value of JSONata. */
export const GIVE_UP: unique symbol = Symbol('give up');

/** A value of JSONata, undefined (nothing), or `GIVE_UP`. It throws nothing. */
export type FastPath = (scope: JsonataScope) => unknown;

/** The package counts nested evaluations, and AWS fails a hundred: below this many nobody counts. */
const NESTING = 40;
/** Names that every JavaScript object answers to: only the data's own may be read. */
const INHERITED: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/**
 * Compiles the expressions that workflows are full of to plain functions: literals, paths of names and
 * constant indices from a variable, array and object constructors, operators, `$exists` and `$not`.
 * Undefined for any other expression.
 *
 * The package remains the authority: a path that meets an array on its way (implicit mapping), a type
 * error, a number out of range all give up, at that value, to the package. What is not given up
 * equals the package's result (test/engine/jsonata/fast-path.test.ts, on generated expressions).
 */
export function compileFastPath(node: SyntaxNode): FastPath | undefined {
  return compile(node, 0);
}

function compile(node: SyntaxNode, depth: number): FastPath | undefined {
  if (depth > NESTING || !onlyKeys(node, FIELDS[node.type])) {
    return undefined;
  }
  switch (node.type) {
    case 'string':
    case 'number':
    case 'value':
      return constant(node.value);
    case 'variable':
      return withStages(variable(node), node.predicate);
    case 'path':
      return path(node);
    case 'binary':
      return binary(node, depth + 1);
    case 'unary':
      return node.value === '[' ? array(node, depth + 1) : object(node, depth + 1);
    case 'condition':
      return condition(node, depth + 1);
    case 'block':
      return node.expressions?.length === 1 ? compile(node.expressions[0]!, depth + 1) : undefined;
    case 'function':
      return call(node, depth + 1);
    default:
      return undefined;
  }
}

/** The fields of each node that are understood; a node with any other means more than is compiled here. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  string: ['value'],
  number: ['value'],
  value: ['value'],
  variable: ['value', 'predicate'],
  name: ['value', 'stages'],
  path: ['steps'],
  binary: ['value', 'lhs', 'rhs'],
  unary: ['value', 'expressions', 'lhs'],
  condition: ['condition', 'then', 'else'],
  block: ['expressions'],
  function: ['value', 'arguments', 'procedure'],
};

function onlyKeys(node: SyntaxNode, fields: readonly string[] | undefined): boolean {
  return (
    fields !== undefined &&
    Object.entries(node).every(
      ([key, value]) =>
        value === undefined || key === 'type' || key === 'position' || fields.includes(key),
    )
  );
}

function constant(value: unknown): FastPath | undefined {
  return typeof value === 'number' && !Number.isFinite(value) ? undefined : () => value;
}

function variable(node: SyntaxNode): FastPath | undefined {
  const name = String(node.value);
  if (name === '' || name === '$') {
    return undefined;
  }
  if (name === 'states') {
    return (scope) => scope.states;
  }
  return (scope) =>
    Object.hasOwn(scope.variables, name)
      ? scope.variables[name]
      : // Nothing of that name, or one of the package's functions: it knows.
        GIVE_UP;
}

function path(node: SyntaxNode): FastPath | undefined {
  const [first, ...names] = node.steps ?? [];
  if (first?.type !== 'variable' || !onlyKeys(first, FIELDS.variable)) {
    return undefined;
  }
  let read = withStages(variable(first), first.predicate);
  for (const step of names) {
    if (step.type !== 'name' || !onlyKeys(step, FIELDS.name) || read === undefined) {
      return undefined;
    }
    read = withStages(property(read, String(step.value)), step.stages);
  }
  return read;
}

function property(from: FastPath, name: string): FastPath {
  const inherited = INHERITED.has(name);
  return (scope) => {
    const value = from(scope);
    if (typeof value !== 'object' || value === null) {
      return value === GIVE_UP ? GIVE_UP : undefined;
    }
    if (Array.isArray(value)) {
      return GIVE_UP;
    }
    return inherited && !Object.hasOwn(value, name)
      ? undefined
      : (value as Record<string, unknown>)[name];
  };
}

/** `[0]`, `[-1]` after a step: a value that is no array counts as a list of itself. */
function withStages(
  from: FastPath | undefined,
  stages: readonly SyntaxStage[] | undefined,
): FastPath | undefined {
  let read = from;
  for (const stage of stages ?? []) {
    if (read === undefined || stage.type !== 'filter' || stage.expr?.type !== 'number') {
      return undefined;
    }
    read = element(read, Math.floor(Number(stage.expr.value)));
  }
  return read;
}

function element(from: FastPath, index: number): FastPath {
  return (scope) => {
    const value = from(scope);
    if (value === GIVE_UP || value === undefined) {
      return value;
    }
    if (!Array.isArray(value)) {
      return index === 0 || index === -1 ? value : undefined;
    }
    return value[index < 0 ? value.length + index : index];
  };
}

function array(node: SyntaxNode, depth: number): FastPath | undefined {
  const items = compileAll(node.expressions ?? [], depth);
  if (items === undefined) {
    return undefined;
  }
  const nested = (node.expressions ?? []).map((item) => item.value === '[');
  return (scope) => {
    const result: unknown[] = [];
    for (let index = 0; index < items.length; index += 1) {
      const value = items[index]!(scope);
      if (value === GIVE_UP) {
        return GIVE_UP;
      }
      if (Array.isArray(value) && !nested[index]) {
        for (const part of value) {
          result.push(part);
        }
      } else if (value !== undefined) {
        result.push(value);
      }
    }
    return result;
  };
}

function object(node: SyntaxNode, depth: number): FastPath | undefined {
  if (node.value !== '{' || !Array.isArray(node.lhs)) {
    return undefined;
  }
  const pairs = node.lhs as readonly (readonly [SyntaxNode, SyntaxNode])[];
  const names = pairs.map(([key]) => key.value);
  const plain = pairs.every(([key]) => key.type === 'string' && !INHERITED.has(String(key.value)));
  const values = compileAll(
    pairs.map(([, value]) => value),
    depth,
  );
  if (!plain || values === undefined || new Set(names).size < names.length) {
    return undefined;
  }
  const keys = names as string[];
  return (scope) => {
    const result: Record<string, unknown> = {};
    for (let index = 0; index < keys.length; index += 1) {
      const value = values[index]!(scope);
      if (value === GIVE_UP) {
        return GIVE_UP;
      }
      if (value !== undefined) {
        result[keys[index]!] = value;
      }
    }
    return result;
  };
}

function condition(node: SyntaxNode, depth: number): FastPath | undefined {
  const test = node.condition && compile(node.condition, depth);
  const then = node.then && compile(node.then, depth);
  const otherwise = node.else === undefined ? () => undefined : compile(node.else, depth);
  if (!test || !then || !otherwise) {
    return undefined;
  }
  return (scope) => {
    const value = test(scope);
    if (value === GIVE_UP) {
      return GIVE_UP;
    }
    return effectiveBoolean(value) === true ? then(scope) : otherwise(scope);
  };
}

function call(node: SyntaxNode, depth: number): FastPath | undefined {
  const name = node.procedure?.type === 'variable' ? node.procedure.value : undefined;
  const argument = node.arguments?.length === 1 ? compile(node.arguments[0]!, depth) : undefined;
  if (argument === undefined || (name !== 'exists' && name !== 'not')) {
    return undefined;
  }
  const apply =
    name === 'exists'
      ? (value: unknown) => value !== undefined
      : (value: unknown) => (value === undefined ? undefined : effectiveBoolean(value) !== true);
  return (scope) => {
    const value = argument(scope);
    // A variable of the function's name hides it.
    return value === GIVE_UP || Object.hasOwn(scope.variables, name) ? GIVE_UP : apply(value);
  };
}

type Operator = (left: unknown, right: unknown) => unknown;

const OPERATORS: Readonly<Record<string, Operator>> = {
  '&': concatenate,
  '=': (left, right) => left !== undefined && right !== undefined && equalValues(left, right),
  '!=': (left, right) => left !== undefined && right !== undefined && !equalValues(left, right),
  '<': (left, right) => compareValues(left, right, (order) => order < 0),
  '<=': (left, right) => compareValues(left, right, (order) => order <= 0),
  '>': (left, right) => compareValues(left, right, (order) => order > 0),
  '>=': (left, right) => compareValues(left, right, (order) => order >= 0),
  '+': (left, right) => calculate(left, right, (a, b) => a + b),
  '-': (left, right) => calculate(left, right, (a, b) => a - b),
  '*': (left, right) => calculate(left, right, (a, b) => a * b),
};

function calculate(
  left: unknown,
  right: unknown,
  operation: (left: number, right: number) => number,
): unknown {
  if (!isNumber(left) || !isNumber(right)) {
    return GIVE_UP;
  }
  const result = operation(left, right);
  return Number.isFinite(result) ? result : GIVE_UP;
}

function binary(node: SyntaxNode, depth: number): FastPath | undefined {
  const left = compile(node.lhs as SyntaxNode, depth);
  const right = compile(node.rhs as SyntaxNode, depth);
  if (left === undefined || right === undefined) {
    return undefined;
  }
  if (node.value === 'and' || node.value === 'or') {
    return logical(left, right, node.value === 'or');
  }
  const operator = Object.hasOwn(OPERATORS, String(node.value))
    ? OPERATORS[String(node.value)]
    : undefined;
  if (operator === undefined) {
    return undefined;
  }
  return (scope) => {
    const first = left(scope);
    const second = first === GIVE_UP ? GIVE_UP : right(scope);
    if (second === GIVE_UP) {
      return GIVE_UP;
    }
    const result = operator(first, second);
    return result === undefined ? GIVE_UP : result;
  };
}

function logical(left: FastPath, right: FastPath, decisive: boolean): FastPath {
  return (scope) => {
    const first = left(scope);
    if (first === GIVE_UP) {
      return GIVE_UP;
    }
    if ((effectiveBoolean(first) === true) === decisive) {
      return decisive;
    }
    const second = right(scope);
    return second === GIVE_UP ? GIVE_UP : effectiveBoolean(second) === true;
  };
}

function compileAll(nodes: readonly SyntaxNode[], depth: number): FastPath[] | undefined {
  const compiled: FastPath[] = [];
  for (const node of nodes) {
    const one = compile(node, depth);
    if (one === undefined) {
      return undefined;
    }
    compiled.push(one);
  }
  return compiled;
}
