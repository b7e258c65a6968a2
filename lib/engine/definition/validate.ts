import type { Json } from '../../json.ts';
import type { Validation } from './diagnostic.ts';

/** How to look at a definition. */
export interface ValidateOptions {
  /** Default: 'STANDARD'. */
  readonly type?: 'STANDARD' | 'EXPRESS';
}

/** Judges a definition as ValidateStateMachineDefinition and CreateStateMachine do. Never throws. */
export function validateDefinition(
  definition: string | Json,
  options: ValidateOptions = {},
): Validation {
  throw new Error(`not validated yet: ${typeof definition} ${options.type}`);
}
