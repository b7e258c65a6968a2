import type { JsonObject } from '../../json.ts';
import type { FieldCheck } from './field-check.ts';
import type { QueryLanguage, Site } from './site.ts';

/** A field that a state may have. */
export interface FieldRule {
  readonly check: FieldCheck;
  /** The query language that the field belongs to; default: both. */
  readonly language?: QueryLanguage;
}

/** What a type of state may and must have. */
export interface StateRules {
  readonly fields: Readonly<Record<string, FieldRule>>;
  readonly required?: readonly string[];
  /** True for a state that goes on to another: it has Next or End. */
  readonly transitions: boolean;
  /** What cannot be said of one field alone. */
  check?(state: JsonObject, site: Site): void;
}

export function both(check: FieldCheck): FieldRule {
  return { check };
}

export function jsonPathOnly(check: FieldCheck): FieldRule {
  return { check, language: 'JSONPath' };
}

export function jsonataOnly(check: FieldCheck): FieldRule {
  return { check, language: 'JSONata' };
}

/** Checks an object against the fields it may have; a field of the other language is named as such. */
export function checkFields(
  value: JsonObject,
  fields: Readonly<Record<string, FieldRule>>,
  site: Site,
): void {
  for (const [name, part] of Object.entries(value)) {
    const rule = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (rule === undefined) {
      site.fail(`Field '${name}' is not supported`);
    } else if (rule.language !== undefined && rule.language !== site.language) {
      site.fail(
        `The QueryLanguage is set to '${site.language}', but field '${name}' is only supported for the '${rule.language}' QueryLanguage`,
      );
    } else {
      rule.check(part, site.at(name));
    }
  }
}

/** AWS: "These fields are required: [States, StartAt]". */
export function requireFields(value: JsonObject, names: readonly string[], site: Site): boolean {
  const missing = names.filter((name) => !Object.hasOwn(value, name));
  if (missing.length > 0) {
    site.fail(`These fields are required: [${missing.join(', ')}]`);
  }
  return missing.length === 0;
}

/** Reports when both fields are there. */
export function exclusive(value: JsonObject, first: string, second: string, site: Site): void {
  if (Object.hasOwn(value, first) && Object.hasOwn(value, second)) {
    site.fail(`Fields '${first}' and '${second}' cannot be used together`);
  }
}
