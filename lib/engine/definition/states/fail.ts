import { everyState } from '../common-fields.ts';
import { type FieldCheck, textOrExpression } from '../field-check.ts';
import { isPathOrCall } from '../payload-check.ts';
import { both, exclusive, jsonPathOnly, type StateRules } from '../state-rules.ts';

/** A path or an intrinsic function call. */
const pathOrCall: FieldCheck = (value, site) => {
  if (!isPathOrCall(value)) {
    site.fail('Value must be a valid JSONPath or a valid intrinsic function call');
  }
};

export const failRules: StateRules = {
  fields: {
    ...everyState,
    Error: both(textOrExpression),
    ErrorPath: jsonPathOnly(pathOrCall),
    Cause: both(textOrExpression),
    CausePath: jsonPathOnly(pathOrCall),
  },
  transitions: false,
  check(state, site) {
    exclusive(state, 'Error', 'ErrorPath', site);
    exclusive(state, 'Cause', 'CausePath', site);
  },
};
