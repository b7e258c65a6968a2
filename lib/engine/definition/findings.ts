import type { Diagnostic } from './diagnostic.ts';

/** ValidateStateMachineDefinition lists so many by default, and no more. */
const MOST = 100;

/** Collects diagnostics in the order in which they are found. */
export class Findings {
  readonly diagnostics: Diagnostic[] = [];
  truncated = false;

  /** Records an error; `location` is '' for one that has none. */
  error(code: string, message: string, location: string): void {
    if (this.diagnostics.length >= MOST) {
      this.truncated = true;
      return;
    }
    this.diagnostics.push({
      severity: 'ERROR',
      code,
      message,
      ...(location === '' ? {} : { location }),
    });
  }

  get any(): boolean {
    return this.diagnostics.length > 0;
  }
}
