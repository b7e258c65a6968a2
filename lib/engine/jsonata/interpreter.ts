import type { Json } from '../../json.ts';
import { StateFailure } from '../failure.ts';
import { boundedFunctions } from './bounded-functions.ts';
import { type ExpressionSite, thrownResult, undefinedResult } from './failure.ts';
import { addedFunctions, type Surroundings } from './functions.ts';
import { EvaluationLimits } from './limits.ts';
import { jsonata, type PackageExpression } from './package.ts';
import { BoundedRegExp } from './regular-expression.ts';
import { plainResult } from './result.ts';
import type { JsonataScope } from './scope.ts';
import type { SyntaxNode } from './syntax.ts';

/** The evaluation that is running: they run one after the other, so that each one's time is its own. */
let running: { readonly limits: EvaluationLimits; readonly around: Surroundings } | undefined;
let queue: Promise<unknown> = Promise.resolve();

/** An expression as the package runs it, less `$eval`, with AWS's functions, in bounded time and space. */
export type Interpreted = (scope: JsonataScope, site: ExpressionSite) => Promise<Json>;

/** Takes an expression that parses, and its tree. The package compiles it when it is evaluated first. */
export function interpret(source: string, tree: SyntaxNode): Interpreted {
  const copies = GUARDED.test(source) || writes(tree);
  let expression: PackageExpression | undefined;
  return (scope, site) => {
    const prepared = expression ?? prepare(jsonata(source));
    expression = prepared;
    const turn = queue.then(() => run(prepared, bindings(scope, copies), scope, site));
    queue = turn.catch(() => undefined);
    return turn;
  };
}

/**
 * True for an expression that makes the package write into the data: grouping, `list{key: value}`, puts
 * an item into an empty list, and `list[]` marks the list itself. It gets a copy of the data.
 */
function writes(part: unknown): boolean {
  if (typeof part !== 'object' || part === null) {
    return false;
  }
  return Object.entries(part).some(
    ([key, value]) =>
      (value !== undefined && WRITING.has(key)) || (!(value instanceof RegExp) && writes(value)),
  );
}

const WRITING: ReadonlySet<string> = new Set(['group', 'keepArray', 'keepSingletonArray']);

/** The names that every JavaScript object answers to, whatever data it holds. */
const GUARDED = new RegExp(Object.getOwnPropertyNames(Object.prototype).join('|'));

function prepare(expression: PackageExpression): PackageExpression {
  const added = addedFunctions(() => running?.around ?? machine);
  for (const { name, implementation, signature } of [...added, ...boundedFunctions]) {
    expression.registerFunction(name, implementation, signature);
  }
  expression.assign('eval', undefined);
  expression.assign(Symbol.for('jsonata.__evaluate_entry'), (node: SyntaxNode) =>
    running?.limits.entered(node),
  );
  expression.assign(
    Symbol.for('jsonata.__evaluate_exit'),
    (node: SyntaxNode, _input: unknown, _environment: unknown, result: unknown) =>
      running?.limits.left(node, result),
  );
  return expression;
}

const machine: Surroundings = { now: Date.now, random: Math.random };

function bindings(scope: JsonataScope, copies: boolean): Record<string, unknown> {
  const bound = { ...scope.variables, states: scope.states };
  return copies ? (withoutPrototypes(bound) as Record<string, unknown>) : bound;
}

/** A copy in which only the data's own keys can be found. */
function withoutPrototypes(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutPrototypes);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [key, part] of Object.entries(value)) {
    copy[key] = withoutPrototypes(part);
  }
  return copy;
}

async function run(
  expression: PackageExpression,
  bound: Record<string, unknown>,
  scope: JsonataScope,
  site: ExpressionSite,
): Promise<Json> {
  running = {
    limits: new EvaluationLimits(),
    around: { now: scope.now ?? Date.now, random: scope.random ?? Math.random },
  };
  jsonata.RegexEngine = BoundedRegExp;
  try {
    const result = await expression.evaluate(undefined, bound);
    if (result === undefined) {
      throw undefinedResult(site);
    }
    return plainResult(result, site);
  } catch (error) {
    throw error instanceof StateFailure ? error : thrownResult(site, error);
  } finally {
    running = undefined;
  }
}
