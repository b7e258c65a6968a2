import { DefinitionInvalid, DefinitionUnsupported } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { validateDefinition } from './definition/validate.ts';
import type { ExecutionType } from './execution-type.ts';
import { checkDepth, fitsBytes } from './payload.ts';
import { compileProgram } from './states/compile.ts';
import type { CompileContext, Program, QueryLanguage } from './states/state.ts';

/** AWS: a definition takes at most 1 MB. */
const DEFINITION_LIMIT = 1_048_576;

export interface LoadOptions {
  /** Default: 'STANDARD'. */
  readonly type?: ExecutionType;
  /** Why a Task's resource cannot be served, in a full sentence. Default: every resource can. */
  readonly refuse?: (resource: string) => string | undefined;
  /** Default: the 1,048,576 bytes that AWS allows. */
  readonly maxBytes?: number;
}

/** A definition that is ready to run: everything in it compiled once, for any number of executions. */
export interface Machine {
  readonly type: ExecutionType;
  readonly program: Program;
  /** The machine's TimeoutSeconds. */
  readonly timeoutSeconds: number | undefined;
  /** The definition as it was given, or its JSON text. */
  readonly definition: string;
}

/**
 * Makes a definition ready to run.
 * @throws DefinitionInvalid when it is not Amazon States Language; DefinitionUnsupported when a Task
 * names a resource that nobody serves. Nothing has run then.
 */
export function loadMachine(definition: string | object, options: LoadOptions = {}): Machine {
  const { type = 'STANDARD', refuse, maxBytes = DEFINITION_LIMIT } = options;
  const text = typeof definition === 'string' ? definition : JSON.stringify(definition);
  const parsed = parseDefinition(text, maxBytes);
  checkDefinition(parsed, type);
  const context: CompileContext = {
    type,
    language: (parsed.QueryLanguage as QueryLanguage | undefined) ?? 'JSONPath',
    flows: new Map(),
    use(resource, state) {
      const reason = refuse?.(resource);
      if (reason !== undefined) throw new DefinitionUnsupported(refusal(state, resource, reason));
    },
    compileProgram,
  };
  const timeout = parsed.TimeoutSeconds;
  return {
    type,
    program: compileProgram(parsed, context),
    timeoutSeconds: typeof timeout === 'number' ? timeout : undefined,
    definition: text,
  };
}

/** The most findings that one message tells. */
const TOLD = 5;

function checkDefinition(definition: JsonObject, type: ExecutionType): void {
  const { result, diagnostics } = validateDefinition(definition, { type });
  if (result === 'OK') return;
  const errors = diagnostics.filter(({ severity }) => severity === 'ERROR');
  const told = errors.slice(0, TOLD).map(({ code, message, location }) => {
    return `${code}: ${message}${location ? ` at ${location}` : ''}`;
  });
  const more = errors.length > TOLD ? [`and ${errors.length - TOLD} more`] : [];
  throw new DefinitionInvalid(`The definition is not valid. ${[...told, ...more].join('; ')}.`);
}

function refusal(state: string, resource: string, reason: string): string {
  return `The state '${state}' uses the resource '${resource}', which is not served here. ${reason}`;
}

function parseDefinition(text: string, maxBytes: number): JsonObject {
  if (!fitsBytes(text, maxBytes)) {
    throw new DefinitionInvalid(
      `The definition takes more than the ${maxBytes} bytes that are allowed. Split the state machine.`,
    );
  }
  let parsed: Json;
  try {
    checkDepth(text);
    parsed = JSON.parse(text) as Json;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new DefinitionInvalid(`The definition is not JSON: ${why}`);
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
    return parsed as JsonObject;
  throw new DefinitionInvalid('The definition must be a JSON object with StartAt and States.');
}
