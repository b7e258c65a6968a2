import type { Json, JsonObject } from '../../json.ts';
import {
  invalidDefinitionMessage,
  validateDefinition,
  validateState,
} from '../definition/validate.ts';
import type { QueryLanguage } from '../states/state.ts';
import { refused, TestStateRefused } from './request.ts';

/** The state that is tested, and the query language that it has. */
export interface TestedDefinition {
  readonly state: JsonObject;
  readonly language: QueryLanguage;
}

/**
 * Finds the state in the definition: all of it, or the one of `stateName` at any depth.
 * @throws TestStateRefused when the definition is not valid or has no such state.
 */
export function testedDefinition(text: string, stateName: string | undefined): TestedDefinition {
  const parsed = stateName === undefined ? checked(text, validateState) : machineOf(text);
  const state = stateName === undefined ? parsed : findState(parsed, stateName);
  if (!state)
    throw refused(`There is no state of the name '${stateName}' in the definition of the machine.`);
  const language = (state.QueryLanguage ?? parsed.QueryLanguage ?? 'JSONPath') as QueryLanguage;
  return { state, language };
}

function machineOf(text: string): JsonObject {
  return checked(text, validateDefinition);
}

function checked(text: string, validate: typeof validateState): JsonObject {
  const { result, diagnostics } = validate(text);
  if (result === 'OK') return JSON.parse(text) as JsonObject;
  const errors = diagnostics.filter(({ severity }) => severity === 'ERROR');
  throw new TestStateRefused('InvalidDefinition', invalidDefinitionMessage(errors));
}

/** The state of that name in a machine, in the branches of its Parallels or the processors of its Maps. */
export function findState(machine: Json | undefined, name: string): JsonObject | undefined {
  const states = (machine as { States?: JsonObject } | undefined)?.States ?? {};
  if (Object.hasOwn(states, name)) return states[name] as JsonObject;
  for (const state of Object.values(states)) {
    const found = findInside(state as JsonObject, name);
    if (found) return found;
  }
  return undefined;
}

/** The state of that name inside a Parallel or a Map. */
export function findInside(state: JsonObject, name: string): JsonObject | undefined {
  const branches = Array.isArray(state.Branches) ? (state.Branches as readonly Json[]) : [];
  for (const inner of [...branches, state.ItemProcessor, state.Iterator]) {
    const found = inner === undefined ? undefined : findState(inner, name);
    if (found) return found;
  }
  return undefined;
}
