/** One finding of the definition validator, as ValidateStateMachineDefinition gives it. */
export interface Diagnostic {
  readonly severity: 'ERROR' | 'WARNING';
  /** 'SCHEMA_VALIDATION_FAILED', 'INVALID_JSON_DESCRIPTION', 'MISSING_TRANSITION_TARGET', ... */
  readonly code: string;
  readonly message: string;
  /** '/States/State0/Resource'. */
  readonly location?: string;
}

/** The validator's answer. */
export interface Validation {
  /** FAIL when there is at least one ERROR. */
  readonly result: 'OK' | 'FAIL';
  readonly diagnostics: readonly Diagnostic[];
  /** True when more was found than is listed. */
  readonly truncated: boolean;
}
