import type { Json, JsonObject } from '../../json.ts';
import { CheckedExpressions } from './checked-expressions.ts';
import { readDefinition } from './definition-text.ts';
import type { Diagnostic, Validation } from './diagnostic.ts';
import { isObject } from './field-check.ts';
import { Findings } from './findings.ts';
import { checkLoneState, checkMachine } from './machine.ts';
import { Site } from './site.ts';

/** How to look at a definition. */
export interface ValidateOptions {
  /** Default: 'STANDARD'. An Express machine has no callbacks, no `.sync` and no Distributed Map. */
  readonly type?: 'STANDARD' | 'EXPRESS';
}

/**
 * Judges a definition, as text or as JSON, as ValidateStateMachineDefinition does, and as
 * CreateStateMachine does before it creates anything: shape and fields of every state, paths, intrinsic
 * functions and JSONata, variable names, names of states, transitions. At most 100 diagnostics. Never
 * throws.
 */
export function validateDefinition(
  definition: string | Json,
  options: ValidateOptions = {},
): Validation {
  return validate(definition, options, checkMachine);
}

/**
 * Judges the definition of one state by itself, as TestState does: where its Next leads is not looked
 * at. Never throws.
 */
export function validateState(
  definition: string | Json,
  options: ValidateOptions = {},
): Validation {
  return validate(definition, options, checkLoneState);
}

function validate(
  definition: string | Json,
  options: ValidateOptions,
  check: (root: JsonObject, site: Site) => void,
): Validation {
  const findings = new Findings();
  const root = readDefinition(definition, findings);
  if (root !== undefined && !isObject(root)) {
    findings.error('SCHEMA_VALIDATION_FAILED', 'Definition must be a valid JSON object', '');
  } else if (root !== undefined) {
    const language = root.QueryLanguage === 'JSONata' ? 'JSONata' : 'JSONPath';
    const express = options.type === 'EXPRESS';
    // A state by itself chooses its language freely, and so do the states inside it.
    const machineLanguage = check === checkLoneState ? 'JSONPath' : language;
    const expressions = new CheckedExpressions();
    check(
      root,
      new Site({ findings, expressions, location: '', language, machineLanguage, express }),
    );
  }
  const { diagnostics, truncated } = findings;
  return { result: findings.any ? 'FAIL' : 'OK', diagnostics, truncated };
}

/**
 * The message of CreateStateMachine's InvalidDefinition: "Invalid State Machine Definition:
 * 'SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /'".
 */
export function invalidDefinitionMessage(diagnostics: readonly Diagnostic[]): string {
  const found = diagnostics.map(
    ({ code, message, location }) => `${code}: ${message} at ${location ?? 'null'}`,
  );
  return `Invalid State Machine Definition: '${found.join(', ')}'`;
}
