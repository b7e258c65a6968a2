import { Edits } from './edits.ts';
import { Lines } from './lines.ts';
import type { SiteKind, Sites } from './site.ts';
import { child, isPlain, type SyntaxNode, withoutType } from './syntax.ts';

/** What the probes are called in the rewritten module. */
export const probesName = '$cloudgatherCheck';

/** What is known of the place that is visited. */
export interface Around {
  /** Whether an `await` here stands in a `try` that has a `catch` or a `finally`. */
  readonly tried: boolean;
  /** Whether the code is the module's own, of no function. */
  readonly top: boolean;
}

/** The probes that are put into one module. */
export class Probing {
  readonly edits: Edits;
  readonly #sites: Sites;
  readonly #file: string;
  readonly #lines: Lines;
  readonly #ignored: ReadonlySet<number>;
  readonly #bare = new Set<SyntaxNode>();

  constructor(source: string, file: string, sites: Sites) {
    this.edits = new Edits(source);
    this.#sites = sites;
    this.#file = file;
    this.#lines = new Lines(source);
    this.#ignored = ignoredLines(source.split('\n'));
  }

  /** The site's number, or null where a comment keeps the check off. */
  site(node: SyntaxNode, kind: SiteKind, word: string): number | null {
    const position = { file: this.#file, ...this.#lines.at(node.start) };
    if (kind !== 'definition' && this.#ignored.has(position.line)) return null;
    return this.#sites.add(kind, position, word);
  }

  /** Puts a probe around an expression, unless it is plain to see that nothing is wrong with it. */
  wrap(node: SyntaxNode | undefined, probe: string, kind: SiteKind, word: string, more = ''): void {
    if (!node || isPlain(node)) return;
    const site = this.site(node, kind, word);
    if (site !== null) this.edits.wrap(node, probeCall(probe, site, more));
  }

  /** One site for both operands: what is wrong with them is one thing. */
  wrapBoth(node: SyntaxNode, probe: string, kind: SiteKind, word: string): void {
    const site = this.site(node, kind, word);
    if (site === null) return;
    for (const side of ['left', 'right']) {
      const operand = child(node, side);
      if (operand && !isPlain(operand)) this.edits.wrap(operand, probeCall(probe, site));
    }
  }

  /** A value that is taken as true or false. What is a boolean anyway has probes of its own. */
  wrapTruth(node: SyntaxNode | undefined, kind: SiteKind, word: string): void {
    if (!node) return;
    const inner = withoutType(node);
    if (inner.type === 'LogicalExpression') {
      this.wrapTruth(child(inner, 'right'), kind, word);
    } else if (inner.type === 'ConditionalExpression') {
      this.wrapTruth(child(inner, 'consequent'), kind, word);
      this.wrapTruth(child(inner, 'alternate'), kind, word);
    } else if (inner.type !== 'BinaryExpression' && inner.type !== 'UnaryExpression') {
      this.wrap(node, 'looked', kind, word);
    }
  }

  /** `new a.b()` takes no call in its callee: `new probe(a).b()` would be another program. */
  leaveBare(callee: SyntaxNode | undefined): void {
    for (let at = callee; at; at = child(at, 'object')) this.#bare.add(at);
  }

  isBare(node: SyntaxNode): boolean {
    return this.#bare.has(node);
  }
}

/** `$cloudgatherCheck.looked(7, `, to be closed behind the expression. */
export function probeCall(probe: string, site: number, more = ''): string {
  return `${probesName}.${probe}(${site}${more}, `;
}

/** `// check-ignore: why` keeps the check off its own line and the next. */
function ignoredLines(lines: readonly string[]): ReadonlySet<number> {
  const ignored = new Set<number>();
  for (const [index, line] of lines.entries()) {
    if (!/\/\/ check-ignore: \S/.test(line)) continue;
    ignored.add(index + 1).add(index + 2);
  }
  return ignored;
}
