import { WorkflowInvalid } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { Value } from './graph.ts';
import type { Trace } from './trace.ts';
import { toValue } from './value.ts';

/** The object with the schema's defaults where it has no field. */
export function withDefaults(given: Value, schema: JsonObject, trace: Trace, place: string): Value {
  if (given.kind !== 'object') return given;
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonObject>);
  const known = new Map(given.entries);
  const missing = properties.filter(([key]) => !known.has(key));
  const required = (schema.required ?? []) as readonly string[];
  const lacking = missing.find(
    ([key, { default: own }]) => own === undefined && required.includes(key),
  );
  if (lacking) {
    throw new WorkflowInvalid(
      `${place.replace('the', 'The')} lacks '${lacking[0]}', which its schema requires. Pass it: call(flow, { ${lacking[0]}: ... }).`,
    );
  }
  const filled = missing
    .filter(([, { default: own }]) => own !== undefined)
    .map(([key, { default: own }]) => [key, toValue(own, trace, place)] as const);
  const inner = given.entries.map(([key, value]): readonly [string, Value] => {
    const property = properties.find(([name]) => name === key)?.[1];
    return [key, property ? withDefaults(value, property, trace, place) : value];
  });
  return { kind: 'object', entries: [...inner, ...filled] };
}
