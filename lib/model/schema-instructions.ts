import type { JsonSchema } from '../json.ts';

const opening =
  'Answer with one JSON value and nothing else: no introduction, no code fence. It must be valid against this JSON Schema:';

/** The words that carry an output schema to a provider that does not take it in `response_format`. */
export function withSchema(instructions: string | undefined, schema: JsonSchema): string {
  const words = `${opening}\n${JSON.stringify(schema)}`;
  return instructions === undefined ? words : `${instructions}\n\n${words}`;
}

/** The schema in instructions that `withSchema` wrote, or null where there is none. */
export function schemaIn(instructions: string): JsonSchema | null {
  const at = instructions.lastIndexOf(opening);
  if (at === -1) return null;
  return JSON.parse(instructions.slice(at + opening.length)) as JsonSchema;
}
