import { WorkflowInvalid } from '../errors.ts';
import type { JsonSchema } from '../json.ts';

/**
 * A schema of any library that implements Standard Schema with JSON Schema output
 * (https://standardschema.dev/json-schema): Zod 4.2 and later, among others.
 */
export interface Schema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown>;
      readonly output: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown>;
    };
  };
}

/** What a schema accepts, before defaults are filled. */
export type SchemaInput<S extends Schema> = NonNullable<S['~standard']['types']>['input'];

/** What a schema gives, with defaults filled. */
export type SchemaOutput<S extends Schema> = NonNullable<S['~standard']['types']>['output'];

/**
 * The schema as JSON Schema, draft 2020-12.
 * @throws WorkflowInvalid where it is no schema, or holds what JSON Schema cannot say (a transform)
 */
export function toJsonSchema(schema: Schema, side: 'input' | 'output', place: string): JsonSchema {
  const convert = schema?.['~standard']?.jsonSchema;
  if (!convert) {
    throw new WorkflowInvalid(
      `${place} is not a schema that can be written as JSON Schema. Pass a Zod schema such as z.object({ ... }) ` +
        '(Zod 4.2 or later), or one of another library that implements Standard Schema with JSON Schema output.',
    );
  }
  try {
    const { $schema: _, ...rest } = convert[side]({ target: 'draft-2020-12' });
    return JSON.parse(JSON.stringify(rest)) as JsonSchema;
  } catch (cause) {
    throw new WorkflowInvalid(
      `${place} cannot be written as JSON Schema: ${cause instanceof Error ? cause.message : String(cause)} ` +
        'Use types that JSON has: objects, arrays, strings, numbers, booleans, null, enums, unions.',
      { cause },
    );
  }
}
