import { assign } from './assign-check.ts';
import type { Offered } from './checked-expressions.ts';
import {
  anything,
  endFlag,
  jsonata,
  pathOrNull,
  resultPath,
  template,
  text,
} from './field-check.ts';
import { both, type FieldRule, jsonataOnly, jsonPathOnly } from './state-rules.ts';

type Fields = Readonly<Record<string, FieldRule>>;

/** What every state may have. The query language itself is checked before its fields. */
export const everyState: Fields = {
  Type: both(anything),
  Comment: both(anything),
  QueryLanguage: both(anything),
};

export const transition: Fields = { Next: both(text), End: both(endFlag) };

/** Input and output of a state; `$states` offers the result where there is one. */
export function inputOutput(offered?: Offered): Fields {
  return {
    InputPath: jsonPathOnly(pathOrNull),
    OutputPath: jsonPathOnly(pathOrNull),
    Output: jsonataOnly(jsonata(offered)),
  };
}

/** Variables. */
export function variables(offered?: Offered): Fields {
  return { Assign: both(assign(offered)) };
}

/** What a state has that makes a result out of a payload: Task, Parallel, Map. */
export const result: Fields = {
  ...inputOutput('result'),
  ...variables('result'),
  ResultSelector: jsonPathOnly(template),
  ResultPath: jsonPathOnly(resultPath),
};
