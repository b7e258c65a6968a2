import type { Json, JsonObject } from '../../json.ts';
import { assign } from './assign-check.ts';
import {
  anything,
  type FieldCheck,
  integer,
  isObject,
  jsonata,
  number,
  oneOf,
  resultPath,
  text,
} from './field-check.ts';
import type { Site } from './site.ts';
import {
  both,
  checkFields,
  type FieldRule,
  jsonataOnly,
  jsonPathOnly,
  requireFields,
} from './state-rules.ts';

const errorEquals: FieldCheck = (value, site) => {
  if (!Array.isArray(value) || value.length === 0) {
    site.fail('ErrorEquals must be a non-empty array');
    return;
  }
  for (const [index, name] of value.entries()) {
    text(name as Json, site.at(index));
  }
};

const retrier: Readonly<Record<string, FieldRule>> = {
  ErrorEquals: both(errorEquals),
  IntervalSeconds: both(integer(1)),
  MaxAttempts: both(integer(0)),
  BackoffRate: both(number(1, Number.MAX_VALUE)),
  MaxDelaySeconds: both(integer(1, 31_622_400)),
  JitterStrategy: both(oneOf('FULL', 'NONE')),
  Comment: both(anything),
};

const catcher: Readonly<Record<string, FieldRule>> = {
  ErrorEquals: both(errorEquals),
  Next: both(text),
  ResultPath: jsonPathOnly(resultPath),
  Output: jsonataOnly(jsonata('errorOutput')),
  Assign: both(assign('errorOutput')),
  Comment: both(anything),
};

/** Retry and Catch. */
export const errorHandling: Readonly<Record<string, FieldRule>> = {
  Retry: both(list(retrier, ['ErrorEquals'])),
  Catch: both(list(catcher, ['ErrorEquals', 'Next'])),
};

function list(
  fields: Readonly<Record<string, FieldRule>>,
  required: readonly string[],
): FieldCheck {
  return (value, site) => {
    if (!Array.isArray(value)) {
      site.fail('Value must be an array');
      return;
    }
    for (const [index, item] of value.entries()) {
      const place = site.at(index);
      if (!isObject(item as Json)) {
        place.fail('Value must be an object');
        continue;
      }
      requireFields(item as JsonObject, required, place);
      checkFields(item as JsonObject, fields, place);
      checkStatesAll(item as JsonObject, index === value.length - 1, place);
    }
  };
}

/** `States.ALL` stands alone, in the last retrier or catcher. */
function checkStatesAll(item: JsonObject, last: boolean, site: Site): void {
  const names = item.ErrorEquals;
  if (Array.isArray(names) && names.includes('States.ALL') && (names.length > 1 || !last)) {
    site
      .at('ErrorEquals')
      .fail('States.ALL must appear alone and must be in the last retrier or catcher');
  }
}
