import type { CheckedExpressions } from './checked-expressions.ts';
import type { Findings } from './findings.ts';

export type QueryLanguage = 'JSONPath' | 'JSONata';

/** A place in the definition, with what holds there. */
export interface SiteOptions {
  readonly findings: Findings;
  readonly expressions: CheckedExpressions;
  /** '/States/State0/Resource'; '' at the top. */
  readonly location: string;
  readonly language: QueryLanguage;
  /** The state machine's own, which states in branches inherit. */
  readonly machineLanguage: QueryLanguage;
  readonly express: boolean;
}

/** A place in the definition: names it in diagnostics. */
export class Site {
  readonly options: SiteOptions;

  constructor(options: SiteOptions) {
    this.options = options;
  }

  get language(): QueryLanguage {
    return this.options.language;
  }

  get express(): boolean {
    return this.options.express;
  }

  get location(): string {
    return this.options.location;
  }

  /** The place of a field, or of an item of an array. */
  at(part: string | number): Site {
    const step = typeof part === 'number' ? `[${part}]` : `/${part}`;
    return this.with({ location: this.options.location + step });
  }

  with(changes: Partial<SiteOptions>): Site {
    return new Site({ ...this.options, ...changes });
  }

  /** Reports an error here. */
  fail(message: string, code = 'SCHEMA_VALIDATION_FAILED'): void {
    this.options.findings.error(code, message, this.options.location || '/');
  }
}
