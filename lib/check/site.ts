import type { SourcePosition } from '../errors.ts';

/** What a place in the code does with a value, and so what is wrong where the value is symbolic. */
export type SiteKind =
  | 'if'
  | 'loop'
  | '?:'
  | '!'
  | '&&'
  | '||'
  | '??'
  | 'comparison'
  | 'absence'
  | 'order'
  | 'arithmetic'
  | 'switch'
  | 'typeof'
  | 'in'
  | 'instanceof'
  | '?.'
  | 'default'
  | 'key'
  | 'iteration'
  | 'spread'
  | 'length'
  | 'text'
  | 'argument'
  | 'try'
  | 'definition';

/** One place of the user's code that a probe looks at. */
export interface Site {
  readonly kind: SiteKind;
  readonly position: SourcePosition;
  /** The operator, keyword, method or function as it is written: '===', 'while', 'includes'. */
  readonly word: string;
  /** Whether tracing came by. */
  reached: boolean;
}

/** Every site of the modules that were loaded for the check; a probe names its own by its number. */
export class Sites {
  readonly #sites: Site[] = [];

  add(kind: SiteKind, position: SourcePosition, word: string): number {
    this.#sites.push({ kind, position, word, reached: false });
    return this.#sites.length - 1;
  }

  at(index: number): Site {
    const site = this.#sites[index];
    if (!site) throw new Error(`There is no site ${index}.`);
    return site;
  }

  /** Where tracing never came by, one position a line. */
  get unreached(): readonly SourcePosition[] {
    const lines = new Map<string, SourcePosition>();
    for (const { position, reached } of this.#sites) {
      const key = `${position.file}:${position.line}`;
      if (!reached && !lines.has(key)) lines.set(key, position);
    }
    return [...lines.values()];
  }
}
