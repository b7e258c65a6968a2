import type { SourcePosition } from '../errors.ts';
import type { Edits } from './edits.ts';
import { Lines } from './lines.ts';
import { placesOfFunction, probesByNode } from './places.ts';
import { type Around, Probing } from './probing.ts';
import type { Sites } from './site.ts';
import { allChildren, child, isFunction, parse, type SyntaxNode } from './syntax.ts';

/**
 * Puts a probe around each expression that JavaScript decides by, without asking: conditions, operands
 * of comparisons, and the like. Types are left where they are. The lines stay what they are.
 * @throws SyntaxFound
 */
export function rewrite(source: string, file: string, sites: Sites): Edits {
  const probing = new Probing(source, file, sites);
  visit(tree(source, file), probing, { tried: false, top: true });
  return probing.edits;
}

/** A module that is not TypeScript, or not the part of it that Node runs. */
export class SyntaxFound extends Error {
  readonly position: SourcePosition;

  constructor(message: string, position: SourcePosition) {
    super(message);
    this.name = 'syntax';
    this.position = position;
  }
}

function tree(source: string, file: string): SyntaxNode {
  try {
    return parse(source, file);
  } catch (error) {
    const { message, pos } = error as Error & { readonly pos?: number };
    // 'Parse failed with 1 error:', what it is, and then the lines around it.
    const what = message.split('\n')[1] ?? message;
    throw new SyntaxFound(`The module is not valid TypeScript: ${what}.`, {
      file,
      ...new Lines(source).at(pos ?? 0),
    });
  }
}

function visit(node: SyntaxNode, probing: Probing, around: Around): void {
  if (node.type.startsWith('TS') && !child(node, 'expression')) return;
  probesByNode[node.type]?.(node, probing, around);
  if (isFunction(node)) placesOfFunction(node, probing);
  const inside = isFunction(node) ? { tried: false, top: false } : around;
  const tried = node.type === 'TryStatement' ? child(node, 'block') : undefined;
  for (const next of allChildren(node)) {
    visit(next, probing, next === tried ? { ...inside, tried: true } : inside);
  }
}
