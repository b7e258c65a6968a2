import type { Json } from '../../json.ts';
import { StateFailure } from '../failure.ts';
import { passesFilter } from './evaluate-filter.ts';
import { applyPathFunction } from './path-function.ts';
import type { PathScope } from './scope.ts';
import { isDefinite, type PathSyntax, type PathToken } from './token.ts';

/** What a path reads: the scope, and inside a filter the item that `@` is. */
export interface Reading {
  readonly scope: PathScope;
  readonly current?: Json | undefined;
  /** Counts what an indefinite path looks at, filters included. */
  readonly effort: Effort;
}

/** `$..*..*..*` looks at every part once for each part above it: past this many, the state fails. */
const MOST = 2_000_000;

/** How much a path has looked at. */
export class Effort {
  private spent = 0;

  /** Throws `StateFailure` `States.Runtime` when a path looks at too much. */
  spend(parts: number): void {
    this.spent += parts;
    if (this.spent > MOST) {
      throw new StateFailure(
        'States.Runtime',
        `A JSONPath looked at more than ${MOST} values: write one that searches less`,
      );
    }
  }
}

/** A definite path gives its value or undefined; an indefinite one an array of all that it finds. */
export function evaluatePath(path: PathSyntax, reading: Reading): Json | undefined {
  const root = rootValue(path, reading);
  const { tokens } = path;
  if (isDefinite(tokens)) {
    return evaluateDefinite(root, tokens);
  }
  const last = tokens.at(-1);
  const steps = last?.kind === 'function' ? tokens.slice(0, -1) : tokens;
  const found = root === undefined ? [] : findAll([root], steps, reading);
  return last?.kind === 'function' ? applyPathFunction(last.name, found) : found;
}

export function rootValue(path: PathSyntax, reading: Reading): Json | undefined {
  switch (path.root.kind) {
    case 'input':
      return reading.scope.input;
    case 'context':
      return reading.scope.context;
    case 'current':
      return reading.current;
    case 'variable':
      return own(reading.scope.variables, path.root.name);
  }
}

function evaluateDefinite(root: Json | undefined, tokens: readonly PathToken[]): Json | undefined {
  let value = root;
  for (const token of tokens) {
    if (value === undefined) {
      return undefined;
    }
    value = step(value, token);
  }
  return value;
}

/** One step of a definite path. */
export function step(value: Json, token: PathToken): Json | undefined {
  switch (token.kind) {
    case 'property':
      return own(value, token.name);
    case 'index':
      return Array.isArray(value) ? value.at(token.index) : undefined;
    case 'properties':
      return merged(value, token.names);
    case 'function':
      return applyPathFunction(token.name, value);
    default:
      return undefined;
  }
}

/** The data's own property: `$.constructor` finds nothing in `{}`. */
export function own(value: Json | Readonly<Record<string, Json>>, name: string): Json | undefined {
  return typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, Json>>)[name]
    : undefined;
}

/** `['a','b']` at the end of a path: one object with those that are there. */
function merged(value: Json, names: readonly string[]): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return undefined;
  }
  return Object.fromEntries(
    names.flatMap((name) => {
      const part = own(value, name);
      return part === undefined ? [] : [[name, part]];
    }),
  );
}

function findAll(
  values: readonly Json[],
  tokens: readonly PathToken[],
  reading: Reading,
): readonly Json[] {
  let found: readonly Json[] = values;
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index]!;
    if (token.kind === 'scan') {
      index += 1;
      found = scan(found, tokens[index]!, reading);
    } else {
      found = found.flatMap((value) => spending(select(value, token, reading), reading));
    }
  }
  return found;
}

function select(value: Json, token: PathToken, reading: Reading): readonly Json[] {
  switch (token.kind) {
    case 'wildcard':
      return children(value);
    case 'slice':
      return Array.isArray(value) ? value.slice(token.from, token.to) : [];
    case 'indices':
      return Array.isArray(value) ? token.indices.flatMap((index) => present(value.at(index))) : [];
    case 'properties':
      return token.leaf
        ? present(merged(value, token.names))
        : token.names.flatMap((name) => present(own(value, name)));
    case 'filter':
      return (Array.isArray(value) ? value : [value]).filter((item: Json) =>
        passesFilter(token.filter, (path) => evaluatePath(path, { ...reading, current: item })),
      );
    default:
      return present(step(value, token));
  }
}

/** `..`: the token on the value and on all that is in it, outermost first. */
function scan(values: readonly Json[], token: PathToken, reading: Reading): readonly Json[] {
  const found: Json[] = [];
  const pending = [...values].reverse();
  while (pending.length > 0) {
    const value = pending.pop()!;
    // A filter looks at each value once, as itself, not again as an item of its list.
    if (token.kind !== 'filter' || !Array.isArray(value)) {
      for (const part of spending(select(value, token, reading), reading)) {
        found.push(part);
      }
    }
    const parts = spending(children(value), reading);
    for (let index = parts.length - 1; index >= 0; index -= 1) {
      pending.push(parts[index]!);
    }
  }
  return found;
}

function spending(parts: readonly Json[], reading: Reading): readonly Json[] {
  reading.effort.spend(parts.length + 1);
  return parts;
}

function children(value: Json): readonly Json[] {
  if (Array.isArray(value)) {
    return value;
  }
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function present(value: Json | undefined): readonly Json[] {
  return value === undefined ? [] : [value];
}
