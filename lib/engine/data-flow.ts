import type { Json, JsonObject } from '../json.ts';
import type { JsonataScope } from './jsonata/scope.ts';
import { compileJsonataTemplate, type JsonataTemplate } from './jsonata/template.ts';
import { compilePath, type JsonPath } from './jsonpath/path.ts';
import { compilePayloadTemplate, type PayloadTemplate } from './jsonpath/payload-template.ts';
import { compileReferencePath, type ReferencePath } from './jsonpath/reference-path.ts';
import type { PathScope } from './jsonpath/scope.ts';
import { Payload } from './payload.ts';
import type { CompileContext, QueryLanguage, StateDefinition } from './states/state.ts';
import type { Strand } from './strand.ts';
import { type Assignment, assignment, type Variables } from './variables.ts';

/** What a state gives to the next one. */
export interface Outcome {
  readonly output: Payload;
  readonly assigned: Assignment | undefined;
}

/** A state's error, as its Catch and the states after it see it. */
export interface ErrorOutput {
  readonly Error: string;
  readonly Cause: string;
}

/** How data goes into a state and out of it, in either query language. */
export interface DataFlow {
  readonly language: QueryLanguage;
  /** JSONPath: what InputPath selects. JSONata: the input. */
  input(strand: Strand): Payload;
  /** What the state's work is given: Parameters on the effective input, or Arguments. */
  work(strand: Strand, input: Payload): Payload | Promise<Payload>;
  /**
   * From the work's result to the state's output and variables: ResultSelector, ResultPath, Assign and
   * OutputPath; or Output and Assign. `result` is undefined for a state that has none (Wait, Choice).
   */
  finish(strand: Strand, input: Payload, result?: Payload): Outcome | Promise<Outcome>;
}

/**
 * Compiles the data fields of a state. States that have the same ones share what is compiled: the
 * branches of a wide Parallel do. `within` leads the locations of failures ('Choices[0]/').
 */
export function compileDataFlow(
  state: StateDefinition,
  { language, flows }: CompileContext,
  within = '',
): DataFlow {
  const key = JSON.stringify([
    language,
    within,
    FIELDS.map((field) => [state[field]].filter(isPresent)),
  ]);
  let flow = flows.get(key);
  if (!flow) {
    flow = language === 'JSONata' ? new JsonataFlow(state, within) : new JsonPathFlow(state);
    flows.set(key, flow);
  }
  return flow;
}

function isPresent(value: Json | undefined): boolean {
  return value !== undefined;
}

const FIELDS = [
  'InputPath',
  'Parameters',
  'ResultSelector',
  'ResultPath',
  'OutputPath',
  'Arguments',
  'Output',
  'Assign',
];

/** The scope in which a JSONPath field of a state is read. The context object is made on demand. */
export function pathScope(strand: Strand, input: Json): PathScope {
  return {
    input,
    variables: strand.variables,
    random: strand.execution.services.random,
    get context() {
      return strand.context;
    },
  };
}

/** The scope for paths that never look at the context object: cheaper to make. */
function pathScopeWithoutContext(strand: Strand, input: Json): PathScope {
  const { random } = strand.execution.services;
  return { input, variables: strand.variables, random, context: null };
}

/** The scope in which a JSONata field of a state is evaluated. */
export function jsonataScope(
  strand: Strand,
  result?: Payload,
  errorOutput?: ErrorOutput,
): JsonataScope {
  const { now, random } = strand.execution.services;
  const states: { input: Json; readonly context: Json; result?: Json; errorOutput?: Json } = {
    input: strand.input.value,
    get context() {
      return strand.context;
    },
  };
  if (result) states.result = result.value;
  if (errorOutput) states.errorOutput = errorOutput as unknown as JsonObject;
  return { states, variables: strand.variables, now, random };
}

/** The scope for expressions that never look at the context object: cheaper to make. */
function scopeWithoutContext(strand: Strand, result?: Payload): JsonataScope {
  const { now, random } = strand.execution.services;
  const input = strand.input.value;
  const states = result ? { input, context: null, result: result.value } : { input, context: null };
  return { states, variables: strand.variables, now, random };
}

/** Whether an expression in the value may look at `$states.context`: all of `$states` does. */
export function usesContext(value: Json | undefined): boolean {
  if (value === undefined) return false;
  const text = JSON.stringify(value);
  return CONTEXT.test(text) || text.includes('`');
}

const CONTEXT = /\$states(?!\.(?:input|result|errorOutput)\b)/;

/** InputPath and OutputPath: absent is `$`, null is an empty object. */
function compileSelection(path: Json | undefined): JsonPath | null | undefined {
  if (path === null) return null;
  return path === undefined || path === '$' ? undefined : compilePath(path as string);
}

const EMPTY = Payload.of({}, '{}');

class JsonPathFlow implements DataFlow {
  readonly language = 'JSONPath';
  readonly #inputPath: JsonPath | null | undefined;
  readonly #parameters: PayloadTemplate | undefined;
  readonly #resultSelector: PayloadTemplate | undefined;
  readonly #resultPath: ReferencePath | null | undefined;
  readonly #outputPath: JsonPath | null | undefined;
  readonly #assign: PayloadTemplate | undefined;
  readonly #scope: (strand: Strand, input: Json) => PathScope;

  constructor(state: StateDefinition) {
    const { Parameters, ResultSelector, Assign } = state;
    const templates = JSON.stringify([Parameters, ResultSelector, Assign]);
    this.#scope = templates.includes('$$') ? pathScope : pathScopeWithoutContext;
    this.#inputPath = compileSelection(state.InputPath);
    this.#outputPath = compileSelection(state.OutputPath);
    if (Parameters !== undefined) this.#parameters = compilePayloadTemplate(Parameters);
    if (ResultSelector !== undefined) this.#resultSelector = compilePayloadTemplate(ResultSelector);
    if (Assign !== undefined) this.#assign = compilePayloadTemplate(Assign);
    const resultPath = state.ResultPath;
    if (resultPath === null) this.#resultPath = null;
    else if (resultPath !== undefined && resultPath !== '$')
      this.#resultPath = compileReferencePath(resultPath as string);
  }

  input(strand: Strand): Payload {
    return select(this.#inputPath, strand, strand.input);
  }

  work(strand: Strand, input: Payload): Payload {
    if (!this.#parameters) return input;
    return input.with(this.#parameters(this.#scope(strand, input.value)));
  }

  finish(strand: Strand, input: Payload, raw?: Payload): Outcome {
    const result = raw && this.#resultSelector ? this.#selected(strand, raw) : raw;
    const assigned = this.#assign
      ? assignment(this.#assign(this.#scope(strand, (result ?? input).value)) as Variables)
      : undefined;
    const merged = result ? this.#placed(strand, result) : input;
    return { output: select(this.#outputPath, strand, merged), assigned };
  }

  #selected(strand: Strand, raw: Payload): Payload {
    const selector = this.#resultSelector as PayloadTemplate;
    return raw.with(selector(this.#scope(strand, raw.value)));
  }

  /** ResultPath writes into the state's raw input, not into what InputPath selected of it. */
  #placed(strand: Strand, result: Payload): Payload {
    if (this.#resultPath === undefined) return result;
    if (this.#resultPath === null) return strand.input;
    return Payload.ofValue(this.#resultPath.write(strand.input.value, result.value));
  }
}

function select(path: JsonPath | null | undefined, strand: Strand, from: Payload): Payload {
  if (path === undefined) return from;
  if (path === null) return EMPTY;
  return from.with(path.require(pathScope(strand, from.value)));
}

class JsonataFlow implements DataFlow {
  readonly language = 'JSONata';
  readonly #work: JsonataTemplate | undefined;
  readonly #output: JsonataTemplate | undefined;
  readonly #assign: JsonataTemplate | undefined;
  readonly #scope: (strand: Strand, result?: Payload) => JsonataScope;

  constructor(state: StateDefinition, within: string) {
    const { Arguments, Output, Assign } = state;
    this.#scope = [Arguments, Output, Assign].some(usesContext)
      ? jsonataScope
      : scopeWithoutContext;
    if (Arguments !== undefined)
      this.#work = compileJsonataTemplate(Arguments, `${within}Arguments`);
    if (Output !== undefined) this.#output = compileJsonataTemplate(Output, `${within}Output`);
    if (Assign !== undefined) this.#assign = compileJsonataTemplate(Assign, `${within}Assign`);
  }

  input(strand: Strand): Payload {
    return strand.input;
  }

  work(strand: Strand, input: Payload): Payload | Promise<Payload> {
    if (!this.#work) return input;
    const value = this.#work.evaluate(this.#scope(strand));
    return value instanceof Promise ? value.then(Payload.ofValue) : input.with(value);
  }

  finish(strand: Strand, input: Payload, result?: Payload): Outcome | Promise<Outcome> {
    const fallback = result ?? input;
    if (!this.#output && !this.#assign) return { output: fallback, assigned: undefined };
    return evaluateOutcome(this.#scope(strand, result), fallback, this.#output, this.#assign);
  }
}

/** Evaluates Assign and Output, both on the variables as they were before. */
export function evaluateOutcome(
  scope: JsonataScope,
  fallback: Payload,
  output: JsonataTemplate | undefined,
  assign: JsonataTemplate | undefined,
): Outcome | Promise<Outcome> {
  const assigned = assign?.evaluate(scope);
  const value = output?.evaluate(scope);
  const outcome = (assigned: Json | undefined, value: Json | undefined): Outcome => ({
    output: value === undefined ? fallback : fallback.with(value),
    assigned: assigned === undefined ? undefined : assignment(assigned as Variables),
  });
  if (!(assigned instanceof Promise) && !(value instanceof Promise))
    return outcome(assigned, value);
  return Promise.all([assigned, value]).then(([assigned, value]) => outcome(assigned, value));
}
