import type { SourcePosition } from '../errors.ts';

/** One thing that is wrong in the user's code. */
export interface Finding extends SourcePosition {
  /** What kind of thing: 'if', 'comparison', 'StepNeverAwaited', 'document', ... */
  readonly rule: string;
  /** A full sentence: what, why, and what to write instead. */
  readonly message: string;
}

/** As compilers say it: 'workflows/01-panel.ts:12:7 The value ...'. */
export function findingLine({ file, line, column, message }: Finding): string {
  return `${file}:${line}:${column} ${message}`;
}

/** What a check found, each thing once. */
export class Findings {
  readonly #found = new Map<string, Finding>();

  add(finding: Finding): void {
    const { file, line, column, message } = finding;
    this.#found.set(`${file}:${line}:${column} ${message}`, finding);
  }

  /** Whether something was found in that line. */
  hasLine({ file, line }: SourcePosition): boolean {
    return this.list.some((found) => found.file === file && found.line === line);
  }

  /** By file, line and column. */
  get list(): readonly Finding[] {
    return [...this.#found.values()].sort(
      (a, b) =>
        (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
    );
  }
}
