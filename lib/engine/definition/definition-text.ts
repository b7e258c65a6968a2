import type { Json, JsonObject } from '../../json.ts';
import type { Findings } from './findings.ts';

/** CreateStateMachine takes a definition of at most so many characters. */
const SIZE = 1_048_576;
/** Of a definition that was parsed elsewhere: more parts than a text of that size can hold. */
const PARTS = 600_000;
const DEPTH = 1_000;
/** The source is quoted up to here. */
const QUOTED = 500;

/** The definition as JSON, or undefined after reporting why not. */
export function readDefinition(definition: string | Json, findings: Findings): Json | undefined {
  if (typeof definition !== 'string') {
    return isBounded(definition, findings) ? definition : undefined;
  }
  if (definition.length > SIZE) {
    tooLarge(findings);
    return undefined;
  }
  if (definition.trim() === '') {
    findings.error('SCHEMA_VALIDATION_FAILED', 'Definition must be a valid JSON object', '');
    return undefined;
  }
  try {
    const value = JSON.parse(definition) as Json;
    return isBounded(value, findings) ? value : undefined;
  } catch (error) {
    reportSyntax(definition, error, findings);
    return undefined;
  }
}

/** In Jackson's words where the text starts with what is no JSON at all; in V8's otherwise. */
function reportSyntax(definition: string, error: unknown, findings: Findings): void {
  const word = /^\s*([A-Za-z_$][\w$]*)/.exec(definition);
  if (word === null || /^(?:true|false|null)$/.test(word[1]!)) {
    const message = error instanceof Error ? error.message : String(error);
    findings.error('INVALID_JSON_DESCRIPTION', message, '');
    return;
  }
  const before = definition.slice(0, word[0].length).split('\n');
  const quoted =
    definition.length > QUOTED
      ? `"${definition.slice(0, QUOTED)}"[truncated ${definition.length - QUOTED} chars]`
      : `"${definition}"`;
  const location = `[Source: (String)${quoted}; line: ${before.length}, column: ${before.at(-1)!.length + 1}]`;
  findings.error(
    'INVALID_JSON_DESCRIPTION',
    `Unrecognized token '${word[1]}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at ${location}`,
    location,
  );
}

/** Deeper data than Jackson reads, or more of it than fits, is refused before anything walks it. */
function isBounded(value: Json, findings: Findings): boolean {
  let level: readonly Json[] = [value];
  let parts = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEPTH) {
      findings.error(
        'INVALID_JSON_DESCRIPTION',
        `Document nesting depth (${depth}) exceeds the maximum allowed (${DEPTH})`,
        '',
      );
      return false;
    }
    const below: Json[] = [];
    for (const part of level) {
      if (!isCompound(part)) {
        continue;
      }
      // The keys before the values: of a million states those take four times as long.
      parts += Array.isArray(part) ? part.length : Object.keys(part).length;
      if (parts > PARTS) {
        tooLarge(findings);
        return false;
      }
      for (const item of Object.values(part) as Json[]) {
        below.push(item);
      }
    }
    level = below;
  }
  return true;
}

function isCompound(value: Json): value is readonly Json[] | JsonObject {
  return typeof value === 'object' && value !== null;
}

function tooLarge(findings: Findings): void {
  findings.error('INVALID_DEFINITION_SIZE', `The definition is larger than ${SIZE} characters`, '');
}
