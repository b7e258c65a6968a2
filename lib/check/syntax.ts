import { parseAst } from 'rolldown/parseAst';

/** A node of the syntax tree (ESTree, with TypeScript's own nodes); `start` and `end` are offsets. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** The tree of a TypeScript or JavaScript module. @throws Error for a syntax error */
export function parse(source: string, file: string): SyntaxNode {
  return parseAst(source, { lang: 'ts' }, file) as unknown as SyntaxNode;
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

/** A child of a node, where it has one by that name. */
export function child(node: SyntaxNode, field: string): SyntaxNode | undefined {
  const value = node[field];
  return isNode(value) ? value : undefined;
}

/** The children in a list; a hole in an array pattern is none. */
export function children(node: SyntaxNode, field: string): readonly SyntaxNode[] {
  const value = node[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** All children, in the order of the tree. */
export function* allChildren(node: SyntaxNode): Generator<SyntaxNode> {
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) yield* value.filter(isNode);
    else if (isNode(value)) yield value;
  }
}

const functions = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'StaticBlock',
]);

/** Whether an `await` in it belongs to another function than one around it. */
export function isFunction(node: SyntaxNode): boolean {
  return functions.has(node.type);
}

/** Expressions whose value is plain to see: no symbolic value, no step. */
export function isPlain(node: SyntaxNode): boolean {
  if (node.type === 'TemplateLiteral') return children(node, 'expressions').length === 0;
  return plain.has(node.type) || isFunction(node);
}

const plain = new Set(['Literal', 'ObjectExpression', 'ArrayExpression', 'ClassExpression']);

/** `null` or `undefined`, written out. */
export function isNothing(node: SyntaxNode): boolean {
  return (
    (node.type === 'Literal' && node.value === null && node.raw === 'null') ||
    (node.type === 'Identifier' && node.name === 'undefined')
  );
}

/** What is behind `as`, `satisfies` and `!`. */
export function withoutType(node: SyntaxNode): SyntaxNode {
  let inner = node;
  for (;;) {
    const next = typed.has(inner.type) ? child(inner, 'expression') : undefined;
    if (!next) return inner;
    inner = next;
  }
}

const typed = new Set(['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression']);
