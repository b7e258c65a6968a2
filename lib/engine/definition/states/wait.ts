import { everyState, inputOutput, transition, variables } from '../common-fields.ts';
import { integer, path, timestamp } from '../field-check.ts';
import { both, jsonPathOnly, type StateRules } from '../state-rules.ts';

const FORMS = ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'];

export const waitRules: StateRules = {
  fields: {
    ...everyState,
    ...transition,
    ...inputOutput(),
    ...variables(),
    Seconds: both(integer(0)),
    SecondsPath: jsonPathOnly(path),
    Timestamp: both(timestamp),
    TimestampPath: jsonPathOnly(path),
  },
  transitions: true,
  check(state, site) {
    if (FORMS.filter((name) => Object.hasOwn(state, name)).length !== 1) {
      site.fail(`A Wait state must have exactly one of [${FORMS.join(', ')}]`);
    }
  },
};
