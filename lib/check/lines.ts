/** Where the lines of a source begin. */
export class Lines {
  readonly #starts: readonly number[];

  constructor(source: string) {
    let start = 0;
    this.#starts = source.split('\n').map((line) => {
      const at = start;
      start += line.length + 1;
      return at;
    });
  }

  /** The offset at which a line, counted from 1, begins. */
  start(line: number): number {
    return this.#starts[line - 1] ?? 0;
  }

  /** Line and column, from 1, of an offset. */
  at(offset: number): { readonly line: number; readonly column: number } {
    const after = this.#starts.findIndex((start) => start > offset);
    const line = after === -1 ? this.#starts.length : after;
    return { line, column: offset - this.start(line) + 1 };
  }
}
