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

/** The syntax tree of an expression. Throws `ExpressionInvalid`. */
export function parseExpression(source: string): SyntaxNode {
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
