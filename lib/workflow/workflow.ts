import { WorkflowInvalid } from '../errors.ts';
import type { Budget } from '../model/budget/budget.ts';
import { budgetValue, checkPrices, type GivenBudget } from './budget.ts';
import { type Duration, longestRunSeconds, seconds } from './duration.ts';
import type { Graph } from './graph.ts';
import { checkHttpCalls } from './http-lane.ts';
import { checkOptions } from './options.ts';
import { type Schema, type SchemaInput, type SchemaOutput, toJsonSchema } from './schema.ts';
import type { Concrete, Symbolic } from './symbolic.ts';
import { symbolic } from './symbolic-value.ts';
import { checkTimeLimits } from './time-limit.ts';
import { currentScope, runInScope, Scope, Trace } from './trace.ts';
import { toValue } from './value.ts';

declare const inputType: unique symbol;
declare const outputType: unique symbol;
/** Holds the body, for the workflows that call this one. */
export const workflowBody: unique symbol = Symbol.for('cloudgather.workflow') as never;
/** Holds the workflows that this one, and those that it calls, start as executions of their own. */
export const calledWorkflows: unique symbol = Symbol.for('cloudgather.called') as never;

/** A traced workflow: plain data to compile, run and deploy, with its types. */
export interface Workflow<Input = unknown, Output = unknown> {
  readonly [inputType]?: Input;
  readonly [outputType]?: Output;
  readonly name: string;
  readonly graph: Graph;
  /** @internal */
  readonly [workflowBody]: (input: never) => Promise<unknown>;
  /** @internal */
  readonly [calledWorkflows]: readonly Workflow[];
}

/** What a run of the workflow takes; fields with a default may be left out. */
export type WorkflowInput<W> = W extends Workflow<infer Input, unknown> ? Input : never;

/** What a run of the workflow gives. */
export type WorkflowOutput<W> = W extends Workflow<unknown, infer Output> ? Output : never;

export interface WorkflowOptions<S extends Schema = Schema> {
  /** The schema of the input, an object. It is checked before a run starts; defaults are filled. */
  readonly input: S;
  /** One sentence for lists and for the document's Comment. */
  readonly description?: string;
  /**
   * The most that one run may spend on models: `{ usd: 0.5 }`, `{ tokens: 200_000 }`, or both; of the
   * run's input where it is a function, so that a run can say it: `({ limit }) => ({ usd: limit })`. A call
   * that may cost more than is left fails with 'Budget.Exceeded' before it is made. Default: no limit.
   */
  readonly budget?: Budget | ((input: Symbolic<SchemaOutput<S>>) => GivenBudget);
  /**
   * The longest that a run may take, waits included: seconds or '2 hours', above each call's own limit.
   * A later run ends as TIMED_OUT. Default: no limit (Step Functions ends a run after a year).
   */
  readonly timeout?: Duration;
}

/**
 * Defines a workflow: traces its body **once, now**, with symbolic values, into a graph. Nothing runs
 * and nothing is called. `await` the definition (top-level await in a module).
 *
 * @param name 1 to 60 characters of letters, digits and '-', starting with a letter: it names the
 *   state machine and the command line's argument
 * @throws WorkflowInvalid, StepNeverAwaited, StepMisused, SymbolicValueMisused
 */
export async function workflow<S extends Schema, R>(
  name: string,
  options: WorkflowOptions<S>,
  body: (input: Symbolic<SchemaOutput<S>>) => Promise<R>,
): Promise<Workflow<SchemaInput<S>, Concrete<R>>> {
  checkDefinition(name, options, body);
  const inputSchema = toJsonSchema(options.input, 'input', `The input of workflow '${name}'`);
  const trace = new Trace(name);
  const scope = new Scope(trace);
  const input = symbolic({ trace, value: { kind: 'input', path: [] }, text: 'input' });
  const { budget, timeout } = options;
  const given = typeof budget === 'function' ? budget(input as Symbolic<SchemaOutput<S>>) : budget;
  const result: unknown = await runInScope(scope, () => body(input as Symbolic<SchemaOutput<S>>));
  if (trace.problem) throw trace.problem;
  const output = toValue(result ?? null, trace, 'the result');
  trace.checkAllUsed();
  const graph: Graph = {
    name,
    description: options.description ?? null,
    inputSchema,
    ...(given === undefined ? {} : { budget: budgetValue(given, trace) }),
    ...(timeout === undefined ? {} : { timeoutSeconds: seconds(timeout, longestRunSeconds) }),
    body: { nodes: scope.nodes, output },
  };
  checkPrices(graph);
  checkHttpCalls(graph);
  checkTimeLimits(graph);
  const called = [...trace.called.values()] as readonly Workflow[];
  const flow = { [workflowBody]: body, [calledWorkflows]: called, name, graph };
  return Object.freeze(flow) as Workflow<SchemaInput<S>, Concrete<R>>;
}

/** Tells a workflow from any other export of a module. */
export function isWorkflow(value: unknown): value is Workflow {
  return typeof value === 'object' && value !== null && workflowBody in value;
}

function checkDefinition(name: unknown, options: unknown, body: unknown): void {
  if (typeof name !== 'string' || !/^[A-Za-z][A-Za-z0-9-]{0,59}$/.test(name)) {
    throw new WorkflowInvalid(
      `A workflow cannot be named ${JSON.stringify(name)}. A name has 1 to 60 letters, digits and '-', and starts with a letter.`,
    );
  }
  if (typeof options !== 'object' || options === null) {
    throw new WorkflowInvalid(
      `Workflow '${name}' has no options. Write workflow('${name}', { input: z.object({ ... }) }, async (input) => { ... }).`,
    );
  }
  checkOptions(options, ['input', 'description', 'budget', 'timeout'], `Workflow '${name}'`);
  if (typeof body !== 'function') {
    throw new WorkflowInvalid(
      `Workflow '${name}' has no body. Its third argument is the async function that awaits steps.`,
    );
  }
  if (currentScope()) {
    throw new WorkflowInvalid(
      `Workflow '${name}' is defined inside another workflow's body. Define it at the top of a module.`,
    );
  }
}
