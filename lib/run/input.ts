import { Validator } from '@cfworker/json-schema';
import { InputInvalid, type InputProblem, WorkflowInvalid } from '../errors.ts';
import type { Json, JsonSchema } from '../json.ts';
import { defaultOf, fillDefaults } from './defaults.ts';
import { plainJson } from './plain.ts';
import { inputProblems } from './problem.ts';

/** 256 KiB: the most that an execution's input may have (AWS docs: Step Functions quotas). */
export const maxInputBytes = 256 * 1024;

/**
 * The input that a run is started with: a plain JSON copy, the schema's defaults filled in (nested
 * ones too), checked against the schema (draft 2020-12).
 *
 * `undefined` is an input that was not given: the schema's own default, or `{}` as StartExecution has
 * it. The check runs before anything is started; at most 20 problems are told.
 *
 * @throws InputInvalid with one problem for each field that is wrong; also for an input over 256 KiB
 * as JSON in UTF-8, nested deeper than 100 levels, with a field named `__proto__`, or with a value
 * that JSON has no form for (a Date, NaN, a function).
 * @throws WorkflowInvalid for a schema that refers to nothing or has a pattern that is none.
 */
export function checkInput(schema: JsonSchema, input: unknown): Json {
  const plain = plainJson(input === undefined ? (defaultOf(schema, schema) ?? {}) : input);
  refuse(plain.problems);
  const filled = fillDefaults(schema, plain.value);
  refuse(sizeProblems(filled));
  refuse(schemaProblems(schema, filled));
  return filled;
}

function sizeProblems(input: Json): InputProblem[] {
  const bytes = new TextEncoder().encode(JSON.stringify(input)).byteLength;
  if (bytes <= maxInputBytes) return [];
  const message =
    `The input has ${bytes} bytes as JSON; allowed are ${maxInputBytes}. ` +
    'Put what is large into a file or a bucket and pass its address.';
  return [{ path: '', message }];
}

function schemaProblems(schema: JsonSchema, input: Json): readonly InputProblem[] {
  try {
    const { valid, errors } = validatorOf(schema).validate(input);
    return valid ? [] : inputProblems(schema, input, errors);
  } catch (error) {
    // The validator spreads its list of errors into a call: too many of them overflow the stack.
    if (!(error instanceof RangeError)) {
      const message = `The schema of the workflow's input cannot be used: ${(error as Error).message}`;
      throw new WorkflowInvalid(message, { cause: error });
    }
    return [{ path: '', message: 'The input breaks the schema in more places than can be told.' }];
  }
}

const validators = new WeakMap<JsonSchema, Validator>();

/** One for each schema. It works on a copy, because it writes its own marks into what it is given. */
function validatorOf(schema: JsonSchema): Validator {
  let validator = validators.get(schema);
  if (!validator) {
    validator = new Validator(structuredClone(schema) as object, '2020-12', false);
    validators.set(schema, validator);
  }
  return validator;
}

function refuse(problems: readonly InputProblem[]): void {
  if (problems.length === 0) return;
  const told = problems.map(
    ({ path, message }) => `${path === '' ? 'The input' : path}: ${message}`,
  );
  throw new InputInvalid(
    `The input does not fit, and nothing was started. ${told.join(' ')}`,
    problems,
  );
}
