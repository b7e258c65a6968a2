import { randomUUID } from 'node:crypto';
import validate from 'asl-validator';
import { substitute } from '../../../lib/asl/document.ts';
import { VirtualClock } from '../../../lib/engine/clock/virtual-clock.ts';
import { createEngine, type Engine } from '../../../lib/engine/engine.ts';
import type { Execution } from '../../../lib/engine/execution.ts';
import type { HistoryEvent } from '../../../lib/engine/history/event.ts';
import { loadMachine } from '../../../lib/engine/machine.ts';
import type { ObjectStore } from '../../../lib/engine/object-store.ts';
import { TaskFailure, type TaskPort } from '../../../lib/engine/task/task-port.ts';
import { compileWorkflow, task, type Workflow } from '../../../lib/index.ts';
import type { Json } from '../../../lib/json.ts';
import { runTableName } from '../../../lib/local/run-table/name.ts';
import { WorkflowServices } from '../../../lib/local/workflow-services.ts';
import { withExecutions } from '../../../lib/testing/nested-executions.ts';
import { askTest } from '../../../lib/testing/test-approvals.ts';
import { calledWorkflows } from '../../../lib/workflow/workflow.ts';

/** What the tests' only function does: answers `value` after `after` seconds, or fails with `fail`. */
export interface Act {
  readonly value?: unknown;
  readonly after?: number;
  readonly fail?: string;
}

/** What a model does, as the JSON of its prompt: first its turns with tools, then its act. */
export interface Script extends Act {
  readonly turns?: readonly (readonly {
    readonly id: string;
    readonly name: string;
    readonly arguments: Act;
  }[])[];
}

// biome-ignore lint/suspicious/noExplicitAny: it answers what it is given.
export const act = task<(input: Act) => Promise<any>>('functions/act.ts');

/** As `act`, with the type of its answer. */
export function typed<T>() {
  return task<(input: Omit<Act, 'value'> & { value: T }) => Promise<T>>('functions/act.ts');
}

export interface Outcome {
  readonly status: string;
  readonly output: Json | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** StateEntered events, those of a Distributed Map's children included: what Step Functions bills. */
  readonly transitions: number;
  /** Values of the calls that were told to stop after they had run for a while. */
  readonly stopped: readonly unknown[];
  /** Values of the calls that answered or failed. */
  readonly ended: readonly unknown[];
  /** Values of the calls in the order in which they began. */
  readonly called: readonly unknown[];
  /** Seconds on the virtual clock from start to end. */
  readonly seconds: number;
  readonly history: readonly HistoryEvent[];
  /** Of the workflows that it calls, in the order in which they were started. */
  readonly executions: readonly Execution[];
}

const start = Date.UTC(2026, 0, 1);

/** Compiles the workflow, checks the document with asl-validator, and runs it on a virtual clock. */
export function run(flow: Workflow, input: Json = {}, store?: ObjectStore): Promise<Outcome> {
  const others = flow[calledWorkflows];
  return execute(documentOf(flow), input, store ? { store, others } : { others });
}

export interface World {
  /** Where Distributed Maps read and write. */
  readonly store?: ObjectStore;
  /** The workflows that it starts as executions of their own. */
  readonly others?: readonly Workflow[];
  /** Whether the answer of a service's call is lost, which was done: by its number, from 0. */
  readonly losesAnswer?: (call: number) => boolean;
}

/** Runs a document on a virtual clock. */
export async function execute(
  document: string,
  input: Json = {},
  { store, losesAnswer = () => false, others = [] }: World = {},
): Promise<Outcome> {
  const clock = new VirtualClock({ now: start });
  const stopped: unknown[] = [];
  const ended: unknown[] = [];
  const called: unknown[] = [];
  const events: HistoryEvent[] = [];
  let serviceCalls = 0;
  const functions: TaskPort = {
    refuse: () => undefined,
    async run(call) {
      if (call.taskToken !== undefined) {
        return askTest(call, { approval: { approved: true } }, clock, engine);
      }
      if (call.resource.kind === 'service') {
        const lost = losesAnswer(serviceCalls++);
        const answer = await (await services()).run(call);
        if (lost) throw new TaskFailure('DynamoDB.SdkClientException', 'The answer was lost.');
        return answer;
      }
      const { value = null, after = 0, fail, toolCalls } = actOf(JSON.parse(call.input));
      called.push(value);
      const began = clock.now();
      try {
        if (after > 0) await call.sleep(after * 1000);
      } catch (stop) {
        if (clock.now() > began) stopped.push(value);
        throw stop;
      }
      ended.push(value);
      if (toolCalls) return JSON.stringify({ object: 'model.result', output: value, toolCalls });
      if (fail === undefined) return JSON.stringify(value);
      throw new TaskFailure(fail, `because of ${JSON.stringify(value)}`);
    },
  };
  const machines = new Map(
    others.map((flow) => [machineArn(flow.name), loadMachine(documentOf(flow))]),
  );
  const tasks = withExecutions(functions, () => engine, machines);
  const engine: Engine = createEngine({
    tasks,
    clock,
    random: () => 0,
    ...(store ? { store } : {}),
    onEvent: (event: HistoryEvent) => events.push(event),
  });
  // A name of its own: all of a process's runs share one table.
  const name = randomUUID();
  const execution = engine.start(loadMachine(document), { name, input: JSON.stringify(input) });
  const outcome = await execution.done;
  return {
    status: outcome.status,
    output: outcome.status === 'SUCCEEDED' ? (JSON.parse(outcome.output) as Json) : undefined,
    error: outcome.status === 'FAILED' ? outcome.error : undefined,
    cause: outcome.status === 'FAILED' ? outcome.cause : undefined,
    transitions: events.filter(({ type }) => type.endsWith('StateEntered')).length,
    stopped,
    ended,
    called,
    seconds: (clock.now() - start) / 1000,
    history: execution.history,
    executions: tasks.executions,
  };
}

type ToolCalls = NonNullable<Script['turns']>[number];

/** A model has a conversation; in each turn it does what its script says. */
function actOf(given: object): Act & { readonly toolCalls?: ToolCalls } {
  if (!('messages' in given)) return (given as { readonly input: Act }).input;
  const messages = given.messages as readonly { readonly role: string; readonly content: string }[];
  const { turns = [], ...last } = JSON.parse(messages[0]?.content ?? '{}') as Script;
  const toolCalls = turns[messages.filter(({ role }) => role === 'assistant').length];
  if (toolCalls && 'toolChoice' in given && given.toolChoice !== 'none') return { toolCalls };
  return last.fail === undefined ? { ...last, toolCalls: [] } : last;
}

/** The document with ARNs in it, as it is deployed. @throws Error where asl-validator refuses it */
export function documentOf(flow: Workflow): string {
  const document = deployed(flow);
  const checked = validate(readable(JSON.parse(document)));
  if (!checked.isValid) throw new Error(`${checked.errorsText()}\n${document}`);
  return document;
}

/** The document with ARNs in it. */
export function deployed(flow: Workflow): string {
  const { definition, functions, resources = [] } = compileWorkflow(flow);
  const arns = functions.map(({ placeholder, name }) => [
    placeholder,
    `arn:aws:lambda:us-east-1:123456789012:function:${name}:live`,
  ]);
  const called = resources
    .filter((need) => need.kind === 'workflow')
    .map(({ placeholder, workflow }) => [placeholder, machineArn(workflow)]);
  const names = { ...Object.fromEntries([...arns, ...called]), RunTable: runTableName };
  return substitute(definition, names);
}

function machineArn(workflow: string): string {
  return `arn:aws:states:us-east-1:123456789012:stateMachine:${workflow}`;
}

let serving: Promise<WorkflowServices> | undefined;

/** The run table, as a workflow on this machine has it: one for all files of this process, to its end. */
function services(): Promise<WorkflowServices> {
  serving ??= (async () => {
    const started = new WorkflowServices();
    await started.prepare([{ kind: 'table', placeholder: 'RunTable', actions: [] }]);
    return started;
  })();
  return serving;
}

/**
 * asl-validator's schema is narrower than Amazon States Language: it refuses an Output that is no
 * object, and templates with empty texts, texts of several lines, and lists in lists. AWS takes them,
 * and so does the engine's own check, which was held against AWS's. Only these are replaced here.
 */
function readable(document: Json): Json {
  return JSON.parse(
    JSON.stringify(document, (key, value: Json) => {
      if (typeof value === 'string' && key === 'Output' && !value.startsWith('{%')) return {};
      if (typeof value === 'string') return value.replaceAll('\n', ' ') || '(empty)';
      const isTemplate = !['Choices', 'Catch', 'Retry', 'Branches', 'ErrorEquals'].includes(key);
      if (Array.isArray(value) && isTemplate && key !== 'Items') {
        return key === 'Output' ? {} : ['(a list)'];
      }
      const isPlain = typeof value !== 'object' || value === null || Array.isArray(value);
      return key === 'Output' && isPlain ? {} : value;
    }),
  ) as Json;
}
