import type { Json, JsonObject } from '../../../json.ts';
import { assign } from '../assign-check.ts';
import { checkRuleBody } from '../choice-check.ts';
import { everyState, inputOutput, variables } from '../common-fields.ts';
import { type FieldCheck, isObject, jsonata, text } from '../field-check.ts';
import type { Site } from '../site.ts';
import { both, requireFields, type StateRules } from '../state-rules.ts';

const choices: FieldCheck = (value, site) => {
  if (!Array.isArray(value) || value.length === 0) {
    site.fail('Choices must be a non-empty array');
    return;
  }
  for (const [index, rule] of value.entries()) {
    checkRule(rule as Json, site.at(index));
  }
};

function checkRule(rule: Json, site: Site): void {
  if (!isObject(rule)) {
    site.fail('Value must be an object');
    return;
  }
  requireFields(rule, ['Next'], site);
  const { Next: next, Assign: assigned, Output: output, Comment: _comment, ...body } = rule;
  if (next !== undefined) {
    text(next, site.at('Next'));
  }
  if (assigned !== undefined) {
    assign()(assigned, site.at('Assign'));
  }
  if (output !== undefined && site.language === 'JSONPath') {
    site.fail(
      "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage",
    );
  } else if (output !== undefined) {
    jsonata()(output, site.at('Output'));
  }
  checkRuleBody(body as JsonObject, site);
}

export const choiceRules: StateRules = {
  fields: {
    ...everyState,
    ...inputOutput(),
    ...variables(),
    Choices: both(choices),
    Default: both(text),
  },
  required: ['Choices'],
  transitions: false,
};
