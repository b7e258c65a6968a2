import type { Json } from '../../json.ts';
import { StateFailure } from '../failure.ts';
import { compileIntrinsic } from '../intrinsics/call.ts';
import { compilePath } from './path.ts';
import type { PathScope } from './scope.ts';

/** A compiled payload template: gives the payload for a scope, or throws `StateFailure`. */
export type PayloadTemplate = (scope: PathScope) => Json;

/**
 * Compiles Parameters, ResultSelector, ItemSelector or Assign: a value whose `name.$` fields are paths
 * or intrinsic function calls. The result keeps the order of the fields. A path that finds nothing
 * throws `States.Runtime`: "The JSONPath '$.a'
 * specified for the field 'x.$' could not be found in the input '{}'". Throws `PathInvalid` or
 * `IntrinsicInvalid` for a template that cannot be compiled.
 */
export function compilePayloadTemplate(template: Json): PayloadTemplate {
  return compilePart(template) ?? (() => template);
}

/** Undefined for a part without a path. */
function compilePart(template: Json): PayloadTemplate | undefined {
  if (typeof template !== 'object' || template === null) {
    return undefined;
  }
  if (Array.isArray(template)) {
    const parts = template.map((item: Json) => compilePart(item));
    return parts.some((part) => part !== undefined) ? arrayOf(template, parts) : undefined;
  }
  const fields = Object.entries(template as { readonly [key: string]: Json }).map(compileField);
  return fields.some((field) => field.part !== undefined) ? objectOf(fields) : undefined;
}

interface Field {
  readonly name: string;
  readonly constant: Json;
  readonly part: PayloadTemplate | undefined;
}

function compileField([key, value]: [string, Json]): Field {
  if (!key.endsWith('.$')) {
    return { name: key, constant: value, part: compilePart(value) };
  }
  const name = key.slice(0, -2);
  const text = String(value);
  return {
    name,
    constant: null,
    part: text.startsWith('$') ? compilePathField(key, text) : compileIntrinsic(text),
  };
}

function compilePathField(key: string, text: string): PayloadTemplate {
  const path = compilePath(text);
  return (scope) => {
    const value = path.read(scope);
    if (value === undefined) {
      throw pathNotFound(text, key, scope.input);
    }
    return value;
  };
}

function pathNotFound(path: string, field: string, input: Json): StateFailure {
  return new StateFailure(
    'States.Runtime',
    `The JSONPath '${path}' specified for the field '${field}' could not be found in the input '${JSON.stringify(input)}'`,
  );
}

function arrayOf(
  template: readonly Json[],
  parts: readonly (PayloadTemplate | undefined)[],
): PayloadTemplate {
  return (scope) =>
    parts.map((part, index) => (part === undefined ? template[index]! : part(scope)));
}

function objectOf(fields: readonly Field[]): PayloadTemplate {
  if (fields.some((field) => field.name === '__proto__')) {
    return (scope) =>
      Object.fromEntries(
        fields.map((field) => [field.name, field.part?.(scope) ?? field.constant]),
      );
  }
  return (scope) => {
    const payload: Record<string, Json> = {};
    for (const field of fields) {
      payload[field.name] = field.part === undefined ? field.constant : field.part(scope);
    }
    return payload;
  };
}
