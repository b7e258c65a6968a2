import type { Json, JsonObject, JsonSchema } from '../json.ts';

/** An output schema as a provider takes it in `response_format`. */
export interface WireSchema {
  readonly schema: JsonSchema;
  /** The answer is `{ value: ... }`, because the provider wants an object at the root. */
  readonly wrapped: boolean;
  /** The schema keeps to the subset that OpenAI enforces while it writes the answer. */
  readonly strict: boolean;
}

/**
 * Prepares a schema for `response_format`: without `$schema`; wrapped into an object where its root is
 * something else, with its `$defs` kept at the root so that references still point to them.
 */
export function wireSchema(output: JsonSchema): WireSchema {
  const { $schema: _, ...bare } = output;
  if (bare.type === 'object') return { schema: bare, wrapped: false, strict: isStrict(bare) };
  const { $defs, ...value } = bare;
  const schema: JsonSchema = {
    type: 'object',
    properties: { value },
    required: ['value'],
    additionalProperties: false,
    ...($defs === undefined ? {} : { $defs }),
  };
  return { schema, wrapped: true, strict: isStrict(schema) };
}

/** OpenAI docs, "Structured model outputs": supported schemas. */
const strictKeywords = new Set(
  'type properties required additionalProperties items enum const description title anyOf $ref $defs pattern format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems'.split(
    ' ',
  ),
);
const strictFormats = new Set(
  'date-time time date duration email hostname ipv4 ipv6 uuid'.split(' '),
);

function isStrict(schema: Json | undefined): boolean {
  if (!isObject(schema)) return false;
  if (!Object.keys(schema).every((keyword) => strictKeywords.has(keyword))) return false;
  if (schema.format !== undefined && !strictFormats.has(String(schema.format))) return false;
  const { properties = {}, $defs = {}, anyOf = [], items } = schema;
  if (!isObject(properties) || !isObject($defs) || !Array.isArray(anyOf)) return false;
  if (schema.type === 'object' || schema.properties !== undefined) {
    const required = Array.isArray(schema.required) ? schema.required : [];
    const all = Object.keys(properties).every((name) => required.includes(name));
    if (!all || schema.additionalProperties !== false) return false;
  }
  const inner = [
    ...Object.values(properties),
    ...Object.values($defs),
    ...(anyOf as readonly Json[]),
  ];
  return inner.every(isStrict) && (items === undefined || isStrict(items));
}

function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
