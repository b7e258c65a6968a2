/** JSON as Step Functions carries it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/** A JSON Schema (draft 2020-12) as plain data. */
export type JsonSchema = JsonObject;
