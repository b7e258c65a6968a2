import { type Schema, Validator } from '@cfworker/json-schema';
import type { Json, JsonSchema } from '../json.ts';

/** Why an answer is not what the schema asks for: the end of a sentence that begins with "the answer". */
export type OutputProblem = {
  readonly problem: string;
  /** The schema is at fault, so that no answer can do. */
  readonly isFinal?: boolean;
};

/**
 * Reads a JSON answer and checks it against the schema. A reasoning block (`<think>`) before it and a
 * code fence around it are taken off, since providers without `response_format` add them.
 *
 * A problem names the failing field by JSON Pointer and the rule that it breaks, both as the schema has
 * them; never the answer's own text, which may repeat the prompt.
 */
export function readOutput(
  text: string,
  schema: JsonSchema,
  wrapped: boolean,
): { readonly value: Json } | OutputProblem {
  let parsed: unknown;
  try {
    parsed = JSON.parse(bareJson(text));
  } catch {
    return { problem: 'is not JSON' };
  }
  if (wrapped && isWrapper(parsed)) parsed = parsed.value;
  let problem: string | null;
  try {
    problem = schemaProblem(parsed, schema);
  } catch {
    return {
      problem: 'cannot be checked, because the schema has a reference or pattern that fails',
      isFinal: true,
    };
  }
  return problem === null ? { value: parsed as Json } : { problem };
}

/** @throws whatever the validator says of a schema that is not one; it holds no text of the answer. */
export function schemaProblem(value: unknown, schema: JsonSchema): string | null {
  const { valid, errors } = new Validator(schema as Schema, '2020-12').validate(value);
  if (valid) return null;
  const depth = (location: string) => location.split('/').length;
  const deepest = errors.reduce((a, b) =>
    depth(b.instanceLocation) >= depth(a.instanceLocation) ? b : a,
  );
  const names = propertyNames(schema);
  const pointer = deepest.instanceLocation
    .slice(1)
    .replace(/[^/]+/g, (part) => (/^\d+$/.test(part) || names.has(unescaped(part)) ? part : '*'));
  const where =
    pointer === '' ? 'breaks its schema at the root' : `breaks its schema at ${pointer}`;
  return `${where}: ${rule(deepest.keyword)}`;
}

function rule(keyword: string): string {
  const rules: Readonly<Record<string, string>> = {
    required: 'a required property is missing',
    type: 'the value has the wrong type',
    enum: 'the value is not one of those allowed',
    const: 'the value is not the one allowed',
    false: 'nothing is allowed there',
  };
  return `${rules[keyword] ?? 'the rule is not kept'} ("${keyword}")`;
}

function bareJson(text: string): string {
  const answer = text.replace(/^\s*<think>[\s\S]*?<\/think>/, '').trim();
  const fence = /^```(?:json)?\s*\n([\s\S]*?)\n?```$/.exec(answer);
  return fence?.[1] ?? answer;
}

function isWrapper(value: unknown): value is { readonly value: unknown } {
  return (
    value !== null &&
    typeof value === 'object' &&
    Object.keys(value).length === 1 &&
    Object.hasOwn(value, 'value')
  );
}

function unescaped(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** Every property name that the schema itself has, at any depth. */
function propertyNames(schema: Json | undefined, found = new Set<string>()): Set<string> {
  if (schema === null || typeof schema !== 'object') return found;
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties' && value !== null && typeof value === 'object') {
      for (const name of Object.keys(value)) found.add(name);
    }
    propertyNames(value as Json, found);
  }
  return found;
}
