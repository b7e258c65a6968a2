import type { JsonObject } from '../../../json.ts';
import { everyState, result, transition } from '../common-fields.ts';
import { errorHandling } from '../error-handling.ts';
import { type FieldCheck, integer, isObject, jsonata, path, template } from '../field-check.ts';
import { resource } from '../resource.ts';
import type { Site } from '../site.ts';
import { both, exclusive, jsonataOnly, jsonPathOnly, type StateRules } from '../state-rules.ts';

const credentials: FieldCheck = (value, site) => {
  if (!isObject(value)) {
    site.fail('Value must be an object');
    return;
  }
  if (!Object.hasOwn(value, 'RoleArn') && !Object.hasOwn(value, 'RoleArn.$')) {
    site.fail("The field 'RoleArn' is required but was missing");
  }
  template(value, site);
};

export const taskRules: StateRules = {
  fields: {
    ...everyState,
    ...transition,
    ...result,
    ...errorHandling,
    Resource: both(resource),
    Parameters: jsonPathOnly(template),
    Arguments: jsonataOnly(jsonata()),
    Credentials: both(credentials),
    TimeoutSeconds: both(integer(1)),
    TimeoutSecondsPath: jsonPathOnly(path),
    HeartbeatSeconds: both(integer(1)),
    HeartbeatSecondsPath: jsonPathOnly(path),
  },
  required: ['Resource'],
  transitions: true,
  check(state: JsonObject, site: Site) {
    exclusive(state, 'TimeoutSeconds', 'TimeoutSecondsPath', site);
    exclusive(state, 'HeartbeatSeconds', 'HeartbeatSecondsPath', site);
    const { TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat } = state;
    if (typeof timeout === 'number' && typeof heartbeat === 'number' && heartbeat >= timeout) {
      site.fail('HeartbeatSeconds must be smaller than TimeoutSeconds');
    }
  },
};
