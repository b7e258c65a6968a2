import type { JsonObject } from '../../../json.ts';
import { everyState, result, transition } from '../common-fields.ts';
import { errorHandling } from '../error-handling.ts';
import {
  anything,
  type FieldCheck,
  integer,
  isObject,
  number,
  path,
  template,
} from '../field-check.ts';
import { itemBatcher, itemReader, resultWriter } from '../item-source.ts';
import { checkedExpression, checkJsonataTemplate } from '../jsonata-check.ts';
import { label } from '../label.ts';
import type { Site } from '../site.ts';
import { both, exclusive, jsonataOnly, jsonPathOnly, type StateRules } from '../state-rules.ts';

/** Items: an array, or an expression that gives one. */
const items: FieldCheck = (value, site) => {
  if (checkedExpression(value, site)) {
    return;
  }
  if (Array.isArray(value) || isObject(value)) {
    checkJsonataTemplate(value, site);
  } else {
    site.fail('Value must be an array or a JSONata expression');
  }
};

/** For a Distributed Map only. */
const DISTRIBUTED = ['ItemReader', 'ItemBatcher', 'ResultWriter', 'Label'];

export const mapRules: StateRules = {
  fields: {
    ...everyState,
    ...transition,
    ...result,
    ...errorHandling,
    ItemProcessor: both(anything),
    Iterator: both(anything),
    ItemsPath: jsonPathOnly(path),
    Items: jsonataOnly(items),
    ItemSelector: both(template),
    Parameters: jsonPathOnly(template),
    ItemReader: both(itemReader),
    ItemBatcher: both(itemBatcher),
    ResultWriter: both(resultWriter),
    MaxConcurrency: both(integer(0)),
    MaxConcurrencyPath: jsonPathOnly(path),
    ToleratedFailureCount: both(integer(0)),
    ToleratedFailureCountPath: jsonPathOnly(path),
    ToleratedFailurePercentage: both(number(0, 100)),
    ToleratedFailurePercentagePath: jsonPathOnly(path),
    Label: both(label),
  },
  transitions: true,
  check(state: JsonObject, site: Site) {
    const processor = state.ItemProcessor ?? state.Iterator;
    if (!isObject(processor)) {
      site.fail('These fields are required: [ItemProcessor]');
      return;
    }
    exclusive(state, 'ItemProcessor', 'Iterator', site);
    exclusive(state, 'MaxConcurrency', 'MaxConcurrencyPath', site);
    exclusive(state, 'ToleratedFailureCount', 'ToleratedFailureCountPath', site);
    exclusive(state, 'ToleratedFailurePercentage', 'ToleratedFailurePercentagePath', site);
    if (isDistributed(processor)) {
      checkDistributed(site);
      return;
    }
    for (const name of DISTRIBUTED.filter((field) => Object.hasOwn(state, field))) {
      site.fail(`Field '${name}' is not supported`);
    }
  },
};

function checkDistributed(site: Site): void {
  if (site.express) {
    site.fail("Express state machine does not support 'DISTRIBUTED' mode of the Map state");
  }
}

/** True when the processor's mode is DISTRIBUTED: its states run as executions of their own. */
export function isDistributed(processor: JsonObject): boolean {
  return isObject(processor.ProcessorConfig) && processor.ProcessorConfig.Mode === 'DISTRIBUTED';
}
