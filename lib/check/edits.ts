import { Lines } from './lines.ts';

/** Text that is put between a wrapped expression and what follows comes before what is put in front. */
const order = { after: 0, behind: 1, before: 2 } as const;

interface Edit {
  readonly at: number;
  readonly text: string;
  readonly rank: number;
}

/**
 * Insertions into a source. None holds a line break before the end of the source, so that lines stay
 * what they are, and columns can be found again.
 */
export class Edits {
  readonly #source: string;
  readonly #edits: Edit[] = [];

  constructor(source: string) {
    this.#source = source;
  }

  /** Puts text around a range. Of two around the same beginning, the one that is asked first is outside. */
  wrap(
    range: { readonly start: number; readonly end: number },
    before: string,
    closing = ')',
  ): void {
    this.#edits.push({ at: range.start, text: `${before}(`, rank: order.before });
    this.#edits.push({ at: range.end, text: `)${closing}`, rank: order.after });
  }

  insert(at: number, text: string): void {
    this.#edits.push({ at, text, rank: order.behind });
  }

  apply(): string {
    let text = '';
    let end = 0;
    for (const edit of this.#sorted()) {
      text += this.#source.slice(end, edit.at) + edit.text;
      end = edit.at;
    }
    return text + this.#source.slice(end);
  }

  /** The column, from 1, that a column of the edited line had before. */
  originalColumn(line: number, column: number): number {
    const lines = new Lines(this.#source);
    const lineStart = lines.start(line);
    const onLine = this.#sorted().filter(({ at }) => lines.at(at).line === line);
    let moved = 0;
    let last = 0;
    for (const { at, text } of onLine) {
      if (at - lineStart + moved >= column - 1) break;
      moved += text.length;
      last = at - lineStart;
    }
    return Math.max(last, column - 1 - moved) + 1;
  }

  #sorted(): readonly Edit[] {
    return this.#edits.toSorted((a, b) => a.at - b.at || a.rank - b.rank);
  }
}
