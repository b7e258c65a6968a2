import type { JsonObject } from '../../json.ts';
import type { QueryLanguage, Site } from './site.ts';
import { checkFields, requireFields, type StateRules } from './state-rules.ts';
import { choiceRules } from './states/choice.ts';
import { failRules } from './states/fail.ts';
import { mapRules } from './states/map.ts';
import { parallelRules } from './states/parallel.ts';
import { passRules } from './states/pass.ts';
import { succeedRules } from './states/succeed.ts';
import { taskRules } from './states/task.ts';
import { waitRules } from './states/wait.ts';

const RULES: ReadonlyMap<string, StateRules> = new Map([
  ['Pass', passRules],
  ['Task', taskRules],
  ['Choice', choiceRules],
  ['Wait', waitRules],
  ['Succeed', succeedRules],
  ['Fail', failRules],
  ['Parallel', parallelRules],
  ['Map', mapRules],
]);

/** Checks one state, not what is inside a Parallel or a Map. Gives its place, with its query language. */
export function checkState(state: JsonObject, place: Site): Site {
  const site = place.with({ language: stateLanguage(state, place) });
  if (!requireFields(state, ['Type'], site)) {
    return site;
  }
  const rules = RULES.get(String(state.Type));
  if (rules === undefined) {
    site.at('Type').fail(`Value must be one of ${[...RULES.keys()].join(', ')}`);
    return site;
  }
  requireFields(state, rules.required ?? [], site);
  checkFields(state, rules.fields, site);
  if (rules.transitions) {
    checkTransition(state, site);
  }
  rules.check?.(state, site);
  return site;
}

/** Only the exact word JSONPath is JSONPath; a machine in JSONata has no state in JSONPath. */
function stateLanguage(state: JsonObject, place: Site): QueryLanguage {
  const own = state.QueryLanguage;
  if (own === undefined) {
    return place.language;
  }
  if (own !== 'JSONPath' && own !== 'JSONata') {
    place.at('QueryLanguage').fail('Value must be one of JSONPath, JSONata');
  }
  if (own === 'JSONPath' && place.options.machineLanguage === 'JSONata') {
    place.fail("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine");
  }
  return own === 'JSONPath' ? 'JSONPath' : 'JSONata';
}

function checkTransition(state: JsonObject, site: Site): void {
  const ends = state.End === true;
  const goesOn = Object.hasOwn(state, 'Next');
  if (ends === goesOn) {
    site.fail(
      ends
        ? "Fields 'Next' and 'End' cannot be used together"
        : "A state must have either 'Next' or 'End': true",
    );
  }
}
