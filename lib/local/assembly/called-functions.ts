import type { Json, JsonObject } from '../../json.ts';

/**
 * The functions that a definition calls by a literal ARN or name, as it writes them: those whose names
 * are computed are known only when they are called. [] for a text that is no JSON.
 */
export function calledFunctions(definition: string): readonly string[] {
  const found = new Set<string>();
  let parsed: Json;
  try {
    parsed = JSON.parse(definition) as Json;
  } catch {
    return [];
  }
  collect(parsed, found);
  return [...found];
}

function collect(value: Json, found: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  const { Resource, Parameters, Arguments } = value as JsonObject;
  if (typeof Resource === 'string') {
    if (/^arn:[^:]*:lambda:/.test(Resource)) found.add(Resource);
    if (/^arn:[^:]*:states:[^:]*:[^:]*:lambda:invoke/.test(Resource)) {
      const { FunctionName } = (Parameters ?? Arguments ?? {}) as JsonObject;
      if (typeof FunctionName === 'string' && !FunctionName.startsWith('{%'))
        found.add(FunctionName);
    }
  }
  for (const each of Object.values(value)) collect(each, found);
}
