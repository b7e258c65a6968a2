import type { Json, JsonObject, JsonSchema } from '../../json.ts';
import { scriptedString } from './string.ts';

/** Where in the instance a value stands. */
interface Place {
  readonly root: JsonSchema;
  /** The model, for the words. */
  readonly model: string;
  /** The nearest property name. */
  readonly name: string;
  /** The index in the nearest list, or null outside of lists. */
  readonly index: number | null;
  readonly depth: number;
}

/** Deeper than this, optional properties and items are left out, so that recursive schemas end. */
const deepest = 6;

/**
 * An instance of a JSON Schema: always the same for the same schema and model. It honours const, enum,
 * default, examples, type, properties, required, items, prefixItems, additionalProperties, the limits of
 * numbers, texts, lists and objects, format, `$ref` into the same document, anyOf, oneOf (the first
 * branch) and allOf (merged). A `pattern` is met only if it is one of a few common ones, and not, if,
 * dependent*, patternProperties and contains are not honoured: a workflow whose schema rests on those
 * needs a real model or its own script.
 */
export function instanceOf(schema: JsonSchema, model: string): Json {
  return valueFor(schema, { root: schema, model, name: 'value', index: null, depth: 0 });
}

function valueFor(given: Json | undefined, place: Place): Json {
  const schema = resolved(given, place.root);
  if (schema.const !== undefined) return schema.const;
  const options = list(schema.enum);
  if (options.length > 0) return options[(place.index ?? 0) % options.length] ?? null;
  if (schema.default !== undefined) return schema.default;
  const example = list(schema.examples)[0];
  if (example !== undefined) return example;
  const branch = [...list(schema.anyOf), ...list(schema.oneOf)];
  if (branch.length > 0) {
    const chosen = place.depth > deepest ? (branch.find(isShallow) ?? branch[0]) : branch[0];
    const { anyOf: _, oneOf: __, ...rest } = schema;
    return valueFor(merged(rest, resolved(chosen, place.root)), place);
  }
  switch (typeOf(schema)) {
    case 'object':
      return objectOf(schema, place);
    case 'array':
      return arrayOf(schema, place);
    case 'integer':
    case 'number':
      return numberOf(schema, place);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return scriptedString(schema, place);
  }
}

function objectOf(schema: JsonObject, place: Place): Json {
  const properties = object(schema.properties);
  const required = list(schema.required).map(String);
  const wanted = Object.keys(properties).filter(
    (name) => place.depth < deepest || required.includes(name),
  );
  const names = [...new Set([...wanted, ...required])];
  const extra = schema.additionalProperties;
  const atLeast = Math.max(Number(schema.minProperties ?? 0), names.length === 0 ? 1 : 0);
  if (extra !== undefined && extra !== false && place.depth < deepest) {
    const key = object(schema.propertyNames);
    for (let index = 0; names.length < atLeast; index++) {
      names.push(String(valueFor({ type: 'string', ...key }, { ...place, name: 'key', index })));
    }
  }
  return Object.fromEntries(
    names.map((name) => {
      const rule = Object.hasOwn(properties, name) ? properties[name] : extra;
      return [name, valueFor(rule, { ...place, name, index: null, depth: place.depth + 1 })];
    }),
  );
}

function arrayOf(schema: JsonObject, place: Place): Json {
  const prefix = list(schema.prefixItems);
  const least = Math.max(Number(schema.minItems ?? 0), prefix.length);
  const most = Number(schema.maxItems ?? Number.POSITIVE_INFINITY);
  const usual = place.depth > deepest || schema.items === false ? least : Math.max(least, 3);
  const distinct = distinctValues(resolved(schema.items, place.root));
  const length = Math.min(usual, most, Math.max(least, distinct));
  return Array.from({ length }, (_, index) =>
    valueFor(prefix[index] ?? schema.items, { ...place, index, depth: place.depth + 1 }),
  );
}

/** A list of an enum or of booleans is no longer than there are different values for it. */
function distinctValues(items: JsonObject): number {
  if (items.const !== undefined || items.default !== undefined) return 1;
  if (items.enum !== undefined) return list(items.enum).length;
  return items.type === 'boolean' || items.type === 'null' ? 1 : Number.POSITIVE_INFINITY;
}

function numberOf(schema: JsonObject, place: Place): number {
  const whole = typeOf(schema) === 'integer';
  const step = Number(schema.multipleOf ?? (whole ? 1 : 0));
  const low = schema.minimum ?? schema.exclusiveMinimum;
  const high = schema.maximum ?? schema.exclusiveMaximum;
  const from = low === undefined ? Math.min(1, Number(high ?? 1)) : Number(low);
  const to = high === undefined ? Number.POSITIVE_INFINITY : Number(high);
  if (step > 0) {
    const first =
      Math.ceil(from / step) +
      (Number(schema.exclusiveMinimum) >= Math.ceil(from / step) * step ? 1 : 0);
    const room = Math.max(0, Math.floor(to / step) - first);
    return (first + Math.min(place.index ?? 0, room)) * step;
  }
  if (schema.exclusiveMinimum === undefined && place.index === null) return from;
  const share = (1 + (place.index ?? 0)) / 100;
  return Number.isFinite(to) ? from + (to - from) * share : from + share;
}

function typeOf(schema: JsonObject): string {
  const types = Array.isArray(schema.type) ? schema.type.map(String) : [schema.type ?? ''];
  const type = types.find((candidate) => candidate !== 'null') ?? types[0];
  if (type) return String(type);
  if (schema.properties !== undefined || schema.required !== undefined) return 'object';
  return schema.items !== undefined || schema.prefixItems !== undefined ? 'array' : 'string';
}

/** Follows `$ref` inside the document and merges allOf. */
function resolved(schema: Json | undefined, root: JsonSchema, hops = 0): JsonObject {
  const { $ref, allOf, ...rest } = object(schema);
  let result: JsonObject = rest;
  if (typeof $ref === 'string' && hops < 20) {
    let target: Json | undefined = root;
    for (const part of $ref.split('/').slice(1)) {
      target = object(target)[decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')];
    }
    result = merged(resolved(target, root, hops + 1), result);
  }
  return list(allOf).reduce<JsonObject>(
    (all, part) => merged(all, resolved(part, root, hops + 1)),
    result,
  );
}

function merged(a: JsonObject, b: JsonObject): JsonObject {
  const properties = { ...object(a.properties), ...object(b.properties) };
  const required = [...new Set([...list(a.required), ...list(b.required)])];
  return {
    ...a,
    ...b,
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(required.length > 0 ? { required } : {}),
  };
}

function isShallow(schema: Json): boolean {
  const { $ref, type } = object(schema);
  return $ref === undefined && type !== 'object' && type !== 'array';
}

function object(value: Json | undefined): JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as JsonObject)
    : {};
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
