import type { Json, JsonObject } from '../../json.ts';

/** A CloudFormation template, as far as it is read here. */
export interface Template {
  readonly Resources?: Readonly<Record<string, Resource>>;
  readonly Parameters?: Readonly<Record<string, Parameter>>;
  readonly Outputs?: Readonly<Record<string, Output>>;
  readonly Conditions?: Readonly<Record<string, Json>>;
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;
}

export interface Resource {
  readonly Type: string;
  readonly Properties?: JsonObject;
  readonly Metadata?: JsonObject;
  readonly Condition?: string;
}

interface Parameter {
  readonly Type?: string;
  readonly Default?: Json;
}

interface Output {
  readonly Value?: Json;
  readonly Export?: { readonly Name?: Json };
  readonly Condition?: string;
}
