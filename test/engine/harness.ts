import { VirtualClock } from '../../lib/engine/clock/virtual-clock.ts';
import { createEngine, type Engine, type EngineOptions } from '../../lib/engine/engine.ts';
import type { Execution, ExecutionOutcome } from '../../lib/engine/execution.ts';
import type { HistoryEvent } from '../../lib/engine/history/event.ts';
import { loadMachine } from '../../lib/engine/machine.ts';
import { type TaskCall, TaskFailure } from '../../lib/engine/task/task-port.ts';
import type { Json, JsonObject } from '../../lib/json.ts';

/** Where virtual time starts in these tests. */
export const START = Date.UTC(2026, 0, 1);

/** The ARN of a Lambda function of these tests. */
export function lambda(name: string): string {
  return `arn:aws:lambda:us-east-1:123456789012:function:${name}`;
}

/** A Task state that ends its branch. */
export function task(name: string, more: JsonObject = {}): JsonObject {
  return { Type: 'Task', Resource: lambda(name), ...(more.Next ? {} : { End: true }), ...more };
}

/** A branch that starts with this state. */
export function branch(name: string, state: JsonObject, others: JsonObject = {}): JsonObject {
  return { StartAt: name, States: { [name]: state, ...others } };
}

/** What a function does: gives a value, or throws a `TaskFailure`. */
export type Handler = (input: Json, call: TaskCall) => Json | Promise<Json>;

export interface Ran {
  readonly outcome: ExecutionOutcome;
  readonly output: Json | undefined;
  readonly history: readonly HistoryEvent[];
  /** Event types, in order. */
  readonly types: readonly string[];
  /** Virtual seconds from start to end. */
  readonly seconds: number;
  readonly execution: Execution;
}

/** An engine on a virtual clock whose functions are these handlers, found by the function's name. */
export function engineWith(
  handlers: Readonly<Record<string, Handler>>,
  options: Partial<EngineOptions> = {},
): Engine & { readonly clock: VirtualClock } {
  const clock = new VirtualClock({ now: START, patience: 50 });
  const engine = createEngine({
    clock,
    tasks: {
      refuse: () => undefined,
      async run(call) {
        const name = call.resource.arn.split(':').at(-1) ?? '';
        const handler = handlers[name];
        if (!handler) throw new TaskFailure('NoSuchFunction', name);
        return JSON.stringify(await handler(JSON.parse(call.input) as Json, call));
      },
    },
    ...options,
  });
  return Object.assign(engine, { clock });
}

/** Runs a definition to its end. */
export async function run(
  definition: JsonObject,
  handlers: Readonly<Record<string, Handler>> = {},
  input: Json = {},
  options: Partial<EngineOptions> & { readonly type?: 'STANDARD' | 'EXPRESS' } = {},
): Promise<Ran> {
  const engine = engineWith(handlers, options);
  const machine = loadMachine(definition, { type: options.type ?? 'STANDARD' });
  return ended(engine.start(machine, { input: JSON.stringify(input) }));
}

/** Waits for the end of an execution. */
export async function ended(execution: Execution): Promise<Ran> {
  const outcome = await execution.done;
  const { history } = execution;
  const output = outcome.status === 'SUCCEEDED' ? (JSON.parse(outcome.output) as Json) : undefined;
  return {
    outcome,
    output,
    history,
    types: history.map(({ type }) => type),
    seconds: ((history.at(-1)?.timestamp ?? START) - START) / 1000,
    execution,
  };
}

export function fails(error: string, cause?: string): Handler {
  return () => {
    throw new TaskFailure(error, cause);
  };
}

/** Answers its input after some virtual seconds. */
export function slow(seconds: number): Handler {
  return async (input, call) => {
    await call.sleep(seconds * 1000);
    return input;
  };
}

export const echo: Handler = (input) => input;
