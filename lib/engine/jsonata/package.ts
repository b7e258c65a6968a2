import { createRequire } from 'node:module';
import { ExpressionInvalid } from './invalid.ts';
import type { SyntaxNode } from './syntax.ts';

/** A compiled expression of the `jsonata` package, as version 2.0.6 is (its types are 1.7's). */
export interface PackageExpression {
  evaluate(input: undefined, bindings: Record<string, unknown>): Promise<unknown>;
  assign(name: string | symbol, value: unknown): void;
  registerFunction(name: string, implementation: unknown, signature: string): void;
}

/** The package. `RegexEngine` is what its next evaluations build regular expressions with. */
interface Package {
  (source: string): PackageExpression;
  readonly parser: (source: string) => SyntaxNode;
  RegexEngine: unknown;
}

export const jsonata = createRequire(import.meta.url)('jsonata') as Package;

/** Deeper trees are refused: AWS evaluates a hundred nested expressions, and every walk must end. */
const DEPTH = 2_000;

/** Trees by source: parsing takes 40 microseconds, and branches that are alike hold the same expressions. */
const parsed = new Map<string, SyntaxNode>();
const KEPT = { trees: 4_096, characters: 1_000 };

/** The syntax tree of an expression, which nobody changes. Throws `ExpressionInvalid`. */
export function parseExpression(source: string): SyntaxNode {
  const before = parsed.get(source);
  if (before !== undefined) {
    return before;
  }
  const tree = parseAnew(source);
  if (source.length <= KEPT.characters) {
    if (parsed.size >= KEPT.trees) {
      parsed.clear();
    }
    parsed.set(source, tree);
  }
  return tree;
}

function parseAnew(source: string): SyntaxNode {
  const tree = parse(source);
  let level: readonly object[] = [tree];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEPTH) {
      throw new ExpressionInvalid(source, 'The expression is nested too deeply');
    }
    level = level.flatMap((part) => Object.values(part).filter(isCompound));
  }
  return tree;
}

function isCompound(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof RegExp);
}

function parse(source: string): SyntaxNode {
  try {
    return jsonata.parser(source);
  } catch {
    throw new ExpressionInvalid(source, whyInvalid(source));
  }
}

/** The parser throws codes; the package as a whole puts them into words. */
function whyInvalid(source: string): string {
  try {
    jsonata(source);
    return 'syntax error';
  } catch (error) {
    const { message } = error as { message?: unknown };
    return typeof message === 'string' ? message : 'syntax error';
  }
}
