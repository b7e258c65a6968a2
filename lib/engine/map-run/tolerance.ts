import { StateFailure } from '../failure.ts';
import { compileNumber, type Field } from '../field.ts';
import type { QueryLanguage, StateDefinition } from '../states/state.ts';

/** How many failures a Map Run bears. */
export interface Tolerance {
  readonly count: number | undefined;
  /** 0 to 100. */
  readonly percentage: number | undefined;
}

/** Compiles ToleratedFailureCount and ToleratedFailurePercentage; undefined where both are absent. */
export function compileTolerance(
  definition: StateDefinition,
  language: QueryLanguage,
): Field<Tolerance> | undefined {
  const readCount = compileNumber(definition, 'ToleratedFailureCount', language);
  const readPercentage = compileNumber(definition, 'ToleratedFailurePercentage', language, 'float');
  if (!readCount && !readPercentage) return undefined;
  return async (strand, input) => {
    const count = await readCount?.(strand, input);
    const percentage = await readPercentage?.(strand, input);
    if (count !== undefined && count < 0)
      throw new StateFailure('States.Runtime', 'ToleratedFailureCount cannot be negative.');
    if (percentage !== undefined && (percentage < 0 || percentage > 100))
      throw new StateFailure(
        'States.Runtime',
        'ToleratedFailurePercentage must be between 0 and 100.',
      );
    return { count, percentage };
  };
}
