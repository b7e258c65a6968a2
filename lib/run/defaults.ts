import type { Json, JsonObject, JsonSchema } from '../json.ts';
import { isObject, referred } from './schema.ts';

/** Ends a schema that refers to itself without taking a field: `{ "$ref": "#" }`. */
const maxReferences = 32;

/**
 * The value with every field filled in that the schema has a `default` for and the value leaves out,
 * in nested objects and in arrays too. A field that is there is kept, also when it is null. Choices
 * (`anyOf`, `oneOf`) are left alone: which one applies is not known before validation.
 */
export function fillDefaults(schema: JsonSchema, value: Json): Json {
  return fill(schema, schema, value, 0);
}

function fill(root: JsonSchema, schema: Json | undefined, value: Json, hops: number): Json {
  if (!isObject(schema)) return value;
  let filled = value;
  const reference = schema.$ref;
  if (typeof reference === 'string' && hops < maxReferences) {
    filled = fill(root, referred(root, reference), filled, hops + 1);
  }
  if (Array.isArray(schema.allOf) && hops < maxReferences) {
    for (const part of schema.allOf as readonly Json[]) filled = fill(root, part, filled, hops + 1);
  }
  if (isObject(filled)) return fillObject(root, schema, filled);
  if (Array.isArray(filled)) return fillArray(root, schema, filled);
  return filled;
}

function fillObject(root: JsonSchema, schema: JsonObject, value: JsonObject): JsonObject {
  if (!isObject(schema.properties)) return value;
  const filled: Record<string, Json> = { ...value };
  for (const [key, property] of Object.entries(schema.properties)) {
    if (key === '__proto__') continue;
    const given = Object.hasOwn(value, key) ? value[key] : defaultOf(root, property);
    if (given !== undefined) filled[key] = fill(root, property, given, 0);
  }
  return filled;
}

function fillArray(root: JsonSchema, schema: JsonObject, value: readonly Json[]): Json {
  const prefix = Array.isArray(schema.prefixItems) ? (schema.prefixItems as readonly Json[]) : [];
  return value.map((item, i) => fill(root, prefix[i] ?? schema.items, item, 0));
}

/** What a schema puts in place of a value that is not given. */
export function defaultOf(root: JsonSchema, schema: Json | undefined, hops = 0): Json | undefined {
  if (!isObject(schema)) return undefined;
  if (schema.default !== undefined) return structuredClone(schema.default) as Json;
  if (typeof schema.$ref !== 'string' || hops >= maxReferences) return undefined;
  return defaultOf(root, referred(root, schema.$ref), hops + 1);
}
