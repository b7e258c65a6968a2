import type { OutputUnit } from '@cfworker/json-schema';
import type { InputProblem } from '../errors.ts';
import type { Json, JsonObject, JsonSchema } from '../json.ts';
import { escapeSegment } from './plain.ts';
import { isObject, schemaAt, segments } from './schema.ts';

/** More would not be read, and an input of 256 KiB can hold a hundred thousand of them. */
const maxProblems = 20;

/** These say only that something below them is wrong, and that is in the list too. */
const wrappers = new Set([
  '$ref',
  '$recursiveRef',
  'allOf',
  'if',
  'items',
  'prefixItems',
  'properties',
  'patternProperties',
  'additionalProperties',
  'unevaluatedProperties',
  'dependentSchemas',
]);

/**
 * What a validator found, in our words: one problem for each field, each a sentence that names what
 * was received and what is allowed. A choice (`anyOf`, `oneOf`) that nothing fits is one problem.
 */
export function inputProblems(
  schema: JsonSchema,
  input: Json,
  errors: readonly OutputUnit[],
): InputProblem[] {
  const problems = new Map<string, InputProblem>();
  const choices: string[] = [];
  for (const [i, error] of errors.entries()) {
    if (problems.size >= maxProblems) break;
    if (wrappers.has(error.keyword)) continue;
    if (choices.some((choice) => error.keywordLocation.startsWith(`${choice}/`))) continue;
    if (error.keyword === 'anyOf' || error.keyword === 'oneOf') choices.push(error.keywordLocation);
    for (const problem of tell(schema, input, error, errors[i - 1])) {
      if (!problems.has(problem.path)) problems.set(problem.path, problem);
    }
  }
  return [...problems.values()];
}

function tell(
  schema: JsonSchema,
  input: Json,
  error: OutputUnit,
  wrapper: OutputUnit | undefined,
): InputProblem[] {
  const parts = segments(error.instanceLocation);
  const path = parts.map((part) => `/${escapeSegment(part)}`).join('');
  const value = parts.reduce<Json | undefined>(
    (at, part) => (typeof at === 'object' && at !== null ? (at as JsonObject)[part] : undefined),
    input,
  );
  if (error.keyword === 'false') return [{ path, message: unknownField(schema, wrapper) }];
  const allowed = schemaAt(schema, error.keywordLocation);
  if (error.keyword === 'required') return missing(path, value, allowed);
  const holder = schemaAt(schema, error.keywordLocation.replace(/\/[^/]*$/, ''));
  const received = describe(value, error.keyword === 'enum' || error.keyword === 'const');
  return [{ path, message: `Received ${received}; allowed is ${rule(error, allowed, holder)}.` }];
}

function missing(path: string, value: Json | undefined, required: Json | undefined) {
  const names = Array.isArray(required) ? (required as readonly string[]) : [];
  return names
    .filter((name) => isObject(value) && !Object.hasOwn(value, name))
    .map((name) => ({
      path: `${path}/${escapeSegment(name)}`,
      message: `The field "${name}" is missing. It is required.`,
    }));
}

/** `wrapper` is the error of the `additionalProperties` that forbids the field. */
function unknownField(schema: JsonSchema, wrapper: OutputUnit | undefined): string {
  const object = wrapper && schemaAt(schema, wrapper.keywordLocation.replace(/\/[^/]*$/, ''));
  const known = isObject(object) && isObject(object.properties) ? object.properties : {};
  const names = Object.keys(known).map((name) => `"${name}"`);
  if (names.length === 0) return 'This field is not known, and none is allowed here.';
  return `This field is not known. Allowed here: ${names.join(', ')}.`;
}

function rule(error: OutputUnit, allowed: Json | undefined, holder: Json | undefined): string {
  switch (error.keyword) {
    case 'type':
    case 'enum':
    case 'const':
    case 'anyOf':
    case 'oneOf':
      return form(holder) ?? 'one of the forms in the schema, and this is none of them';
    case 'minLength':
      return `a string of at least ${allowed} characters`;
    case 'maxLength':
      return `a string of at most ${allowed} characters`;
    case 'pattern':
      return `a string that matches ${allowed}`;
    case 'format':
      return `a string in the format "${allowed}"`;
    case 'minimum':
      return `a number of at least ${allowed}`;
    case 'maximum':
      return `a number of at most ${allowed}`;
    case 'exclusiveMinimum':
      return `a number above ${allowed}`;
    case 'exclusiveMaximum':
      return `a number below ${allowed}`;
    case 'multipleOf':
      return `a multiple of ${allowed}`;
    case 'minItems':
      return `an array of at least ${allowed} items`;
    case 'maxItems':
      return `an array of at most ${allowed} items`;
    case 'uniqueItems':
      return 'an array whose items all differ';
    default:
      return `what the schema says under "${error.keyword}"`;
  }
}

/** What a schema takes, in a few words; undefined when that takes more than a few. */
function form(schema: Json | undefined): string | undefined {
  if (!isObject(schema)) return undefined;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map((item) => JSON.stringify(item)).join(', ');
  if (typeof schema.type === 'string') return kinds[schema.type] ?? schema.type;
  const parts = schema.type ?? schema.anyOf ?? schema.oneOf;
  if (!Array.isArray(parts)) return undefined;
  const forms = (parts as readonly Json[]).map((part) =>
    typeof part === 'string' ? (kinds[part] ?? part) : form(part),
  );
  if (forms.includes(undefined)) return undefined;
  return [...new Set(forms)].join(' or ');
}

const kinds: Readonly<Record<string, string>> = {
  array: 'an array',
  boolean: 'true or false',
  integer: 'a whole number',
  null: 'null',
  number: 'a number',
  object: 'an object',
  string: 'a string',
};

/** The kind of a value; the value itself only where it is short and cannot be a prompt. */
function describe(value: Json | undefined, quote: boolean): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'string') {
    return quote && value.length <= 32
      ? JSON.stringify(value)
      : `a string of ${value.length} characters`;
  }
  return Array.isArray(value) ? `an array of ${value.length} items` : 'an object';
}
