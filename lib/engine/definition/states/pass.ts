import { everyState, inputOutput, transition, variables } from '../common-fields.ts';
import { anything, resultPath, template } from '../field-check.ts';
import { jsonPathOnly, type StateRules } from '../state-rules.ts';

export const passRules: StateRules = {
  fields: {
    ...everyState,
    ...transition,
    ...inputOutput(),
    ...variables(),
    Parameters: jsonPathOnly(template),
    Result: jsonPathOnly(anything),
    ResultPath: jsonPathOnly(resultPath),
  },
  transitions: true,
};
