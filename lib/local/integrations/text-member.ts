import type { JsonObject } from '../../json.ts';

/** The parameters with one member as text: what is no string becomes its JSON text. */
export function withText(parameters: JsonObject, name: string): JsonObject {
  const value = parameters[name];
  if (value === undefined || value === null || typeof value === 'string') return parameters;
  return { ...parameters, [name]: JSON.stringify(value) };
}
