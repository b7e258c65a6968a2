import { everyState, result, transition } from '../common-fields.ts';
import { errorHandling } from '../error-handling.ts';
import { type FieldCheck, jsonata, template } from '../field-check.ts';
import { both, jsonataOnly, jsonPathOnly, type StateRules } from '../state-rules.ts';

/** The branches themselves are state machines, checked as such. */
const branches: FieldCheck = (value, site) => {
  if (!Array.isArray(value) || value.length === 0) {
    site.fail('Branches must be a non-empty array');
  }
};

export const parallelRules: StateRules = {
  fields: {
    ...everyState,
    ...transition,
    ...result,
    ...errorHandling,
    Branches: both(branches),
    Parameters: jsonPathOnly(template),
    Arguments: jsonataOnly(jsonata()),
  },
  required: ['Branches'],
  transitions: true,
};
