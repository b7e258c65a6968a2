import { validateDefinition } from '../../../engine/definition/validate.ts';
import { oneOf, optional, whole } from '../field.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';

/** Judges a definition without creating anything. */
export const validateStateMachineDefinition = operation(
  {
    definition: fields.anyDefinition,
    type: optional(fields.machineType),
    severity: optional(oneOf('ERROR', 'WARNING')),
    maxResults: optional(whole(0, 100)),
  },
  ({ definition, type = 'STANDARD', severity = 'ERROR', maxResults }) => {
    const { result, diagnostics, truncated } = validateDefinition(definition, { type });
    const wanted = diagnostics.filter(
      (each) => severity === 'WARNING' || each.severity === 'ERROR',
    );
    const shown = wanted.slice(0, maxResults || 100);
    return { result, diagnostics: shown, truncated: truncated || shown.length < wanted.length };
  },
);
