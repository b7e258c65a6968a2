import type { SyntaxNode } from '../jsonata/syntax.ts';

/** The fields whose expressions see another context item than the node itself. */
const INNER: ReadonlySet<string> = new Set([
  'stages',
  'predicate',
  'group',
  'terms',
  'pattern',
  'update',
  'delete',
]);

/**
 * The names that an expression reads from a context item where there is none: `phone` in `phone & 'x'`,
 * `$$`, and the parts of `$states` that the field is not offered. Each once, in the order of the text.
 */
export function topLevelReferences(
  root: SyntaxNode,
  offered: 'result' | 'errorOutput' | undefined,
): readonly string[] {
  const found = new Set<string>();
  visit(root, true);
  return [...found];

  function visit(value: unknown, top: boolean): void {
    if (Array.isArray(value)) {
      for (const item of value) {
        visit(item, top);
      }
      return;
    }
    if (typeof value !== 'object' || value === null || value instanceof RegExp) {
      return;
    }
    const node = value as SyntaxNode;
    if (node.type === 'path') {
      visitPath(node, top);
      return;
    }
    if (node.type === 'variable' && node.value === '$') {
      found.add('$$');
    }
    for (const [key, part] of Object.entries(node)) {
      visit(part, top && !INNER.has(key));
    }
  }

  function visitPath(node: SyntaxNode, top: boolean): void {
    const [first, second] = node.steps ?? [];
    if (top && (first?.type === 'name' || first?.type === 'wildcard')) {
      found.add(String(first.value));
    }
    if (first?.type === 'variable' && first.value === 'states' && isWithheld(second)) {
      found.add(`$states.${String(second?.value)}`);
    }
    for (const [index, step] of (node.steps ?? []).entries()) {
      visit(step, top && index === 0);
    }
    visit(node.group, false);
  }

  function isWithheld(step: SyntaxNode | undefined): boolean {
    const name = step?.type === 'name' ? step.value : undefined;
    return (name === 'result' || name === 'errorOutput') && name !== offered;
  }
}
