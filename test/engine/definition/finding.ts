import type { Diagnostic } from '../../../lib/engine/definition/diagnostic.ts';
import {
  type ValidateOptions,
  validateDefinition,
} from '../../../lib/engine/definition/validate.ts';
import type { Json } from '../../../lib/json.ts';

/** What the validator finds, each as one line: code, message and location. */
export function found(definition: Json, options?: ValidateOptions): readonly string[] {
  return validateDefinition(definition, options).diagnostics.map(told);
}

export function told({ code, message, location }: Diagnostic): string {
  return `${code}: ${message} at ${location ?? 'null'}`;
}
