import type { Json, JsonObject, JsonSchema } from '../json.ts';

/** True for an object, so for a schema that is not `true` or `false`. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The part of a schema that a validator's keyword location names ('#/properties/a/$ref/type'):
 * wherever it says `$ref`, the walk goes on in the schema that is referred to.
 */
export function schemaAt(schema: JsonSchema, location: string): Json | undefined {
  let node: Json | undefined = schema;
  for (const segment of segments(location)) {
    if (typeof node !== 'object' || node === null) return undefined;
    const next: Json | undefined = Object.hasOwn(node, segment)
      ? (node as JsonObject)[segment]
      : undefined;
    node = segment === '$ref' && typeof next === 'string' ? referred(schema, next) : next;
  }
  return node;
}

/** The schema that a `$ref` names inside its own document; undefined where it leads elsewhere. */
export function referred(schema: JsonSchema, reference: string): Json | undefined {
  return reference.startsWith('#') ? schemaAt(schema, reference) : undefined;
}

/** The parts of a URI fragment pointer: '#/a~1b/%20' is 'a/b' and ' '. */
export function segments(location: string): string[] {
  return location
    .split('/')
    .slice(1)
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'));
}
