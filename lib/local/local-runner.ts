import type { CompiledWorkflow } from '../asl/compiled.ts';
import { substitute } from '../asl/document.ts';
import { createEngine, type Engine } from '../engine/engine.ts';
import type { Execution } from '../engine/execution.ts';
import { loadMachine, type Machine } from '../engine/machine.ts';
import type { TaskPort } from '../engine/task/task-port.ts';
import { RunConflict, RunNotFound, UsageError, WorkflowNotFound } from '../errors.ts';
import type { Json } from '../json.ts';
import { checkRunId, newRunId } from '../run/id.ts';
import { checkInput } from '../run/input.ts';
import type { Run, RunEvent } from '../run/run.ts';
import type { Runner, RunSummary, StartOptions, WorkflowInfo } from '../run/runner.ts';
import { sameJson } from '../run/same.ts';
import { localFunctionArn } from './function-host/environment.ts';
import { createFunctionHost, type FunctionHost } from './function-host/function-host.ts';
import type { FunctionLog } from './function-host/function-log.ts';
import { type FunctionPlan, functionSpecs, planFunctions } from './function-plan.ts';
import { functionTasks } from './function-tasks.ts';
import { LocalRun } from './local-run.ts';
import { type StandIn, type StandInOptions, startStandIn } from './stand-in/stand-in.ts';

export interface LocalRunnerOptions {
  readonly workflows: readonly CompiledWorkflow[];
  /** The project's root, where the functions are. Default: the working directory. */
  readonly root?: string;
  /** Keys and base URLs of the providers. Default: process.env. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Hears, once and before the first call, that some providers are answered by the stand-in. */
  readonly onStandIn?: (providers: readonly { title: string; keyVariable: string }[]) => void;
  /** Hears what the functions print. Default: dropped. */
  readonly onLog?: (log: FunctionLog) => void;
  readonly standIn?: StandInOptions;
}

const stateMachineArn = (workflow: string): string =>
  `arn:aws:states:us-east-1:000000000000:stateMachine:${workflow}`;
const executionArn = (workflow: string, id: string): string =>
  `arn:aws:states:us-east-1:000000000000:execution:${workflow}:${id}`;

/**
 * Runs workflows on this machine: the compiled document in the engine, the bundled functions in
 * worker threads. A provider that no key or base URL leads to is answered by the scripted stand-in.
 * Nothing is started before the first run; `close` ends all of it within a second.
 * @throws DefinitionInvalid, DefinitionUnsupported, UsageError
 */
export function createLocalRunner(options: LocalRunnerOptions): Runner {
  return new LocalRunner(options);
}

class LocalRunner implements Runner {
  readonly #options: LocalRunnerOptions;
  readonly #workflows: ReadonlyMap<string, CompiledWorkflow>;
  readonly #plan: FunctionPlan;
  readonly #machines = new Map<string, Machine>();
  readonly #tasks: TaskPort;
  readonly #engine: Engine;
  readonly #runs = new Map<string, LocalRun>();
  readonly #executions = new Map<string, Execution>();
  #hosting: Promise<FunctionHost> | undefined;
  #host: FunctionHost | undefined;
  #standIn: StandIn | undefined;
  #closed = false;

  constructor(options: LocalRunnerOptions) {
    this.#options = options;
    this.#workflows = new Map(options.workflows.map((each) => [each.name, each]));
    this.#plan = planFunctions(options.workflows, options.environment ?? process.env);
    this.#tasks = functionTasks(
      () => this.#host ?? missingHost(),
      new Set(this.#plan.needs.map(({ name }) => name)),
    );
    this.#engine = createEngine({
      tasks: this.#tasks,
      onEvent: (event, arn) => this.#runs.get(arn)?.append(event),
    });
  }

  async workflows(): Promise<readonly WorkflowInfo[]> {
    return this.#options.workflows.map(({ name, description, inputSchema }) => ({
      name,
      description,
      inputSchema,
    }));
  }

  async start(workflow: string, input: Json, options: StartOptions = {}): Promise<Run> {
    if (this.#closed) throw new UsageError('This runner is closed. Make a new one to start a run.');
    const compiled = this.#workflow(workflow);
    const checked = checkInput(compiled.inputSchema, input);
    const id = options.id === undefined ? newRunId() : checkRunId(options.id);
    const arn = executionArn(workflow, id);
    const known = this.#runs.get(arn);
    if (known) return sameRun(known, checked);

    const machine = this.#machine(compiled);
    const text = JSON.stringify(checked);
    const startedAt = new Date().toISOString();
    const run = new LocalRun({ id, workflow, startedAt, input: checked }, text);
    this.#runs.set(arn, run);
    try {
      if (compiled.functions.length > 0) await this.#startFunctions(compiled);
    } catch (error) {
      this.#runs.delete(arn);
      throw error;
    }
    const execution = this.#engine.start(machine, {
      input: text,
      name: id,
      executionArn: arn,
      stateMachineArn: stateMachineArn(workflow),
    });
    this.#executions.set(arn, execution);
    void execution.done.finally(() => this.#executions.delete(arn));
    return run.run;
  }

  async get(workflow: string, id: string): Promise<Run> {
    return this.#run(workflow, id).run;
  }

  async list(workflow: string, options: { limit?: number } = {}): Promise<readonly RunSummary[]> {
    this.#workflow(workflow);
    return [...this.#runs.values()]
      .filter((run) => run.workflow === workflow)
      .reverse()
      .slice(0, options.limit)
      .map((run) => run.summary);
  }

  async stop(workflow: string, id: string, reason?: string): Promise<Run> {
    const run = this.#run(workflow, id);
    this.#executions.get(executionArn(workflow, id))?.stop(undefined, reason);
    return run.run;
  }

  async *events(
    workflow: string,
    id: string,
    options: { after?: number; signal?: AbortSignal } = {},
  ): AsyncIterable<RunEvent> {
    yield* this.#run(workflow, id).follow(options.after ?? 0, options.signal);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const execution of this.#executions.values()) {
      execution.stop(undefined, 'The runner was closed.');
    }
    await this.#hosting?.catch(() => undefined);
    await Promise.all([this.#host?.close(), this.#standIn?.close()]);
  }

  #workflow(name: string): CompiledWorkflow {
    const found = this.#workflows.get(name);
    if (found) return found;
    const names = [...this.#workflows.keys()].join(', ');
    throw new WorkflowNotFound(
      `There is no workflow '${name}'. ${names ? `The workflows are: ${names}.` : 'There are no workflows.'}`,
    );
  }

  #run(workflow: string, id: string): LocalRun {
    this.#workflow(workflow);
    const run = this.#runs.get(executionArn(workflow, id));
    if (run) return run;
    throw new RunNotFound(
      `Workflow '${workflow}' has no run of that id on this runner. Its runs can be listed.`,
    );
  }

  #machine(compiled: CompiledWorkflow): Machine {
    const known = this.#machines.get(compiled.name);
    if (known) return known;
    const arns = Object.fromEntries(
      compiled.functions.map((need) => [need.placeholder, localFunctionArn(need.name)]),
    );
    const machine = loadMachine(substitute(compiled.definition, arns), {
      type: 'STANDARD',
      refuse: (resource) => this.#tasks.refuse(resource),
    });
    this.#machines.set(compiled.name, machine);
    return machine;
  }

  /** Bundles and starts what the workflow calls, so that a fault in a function's code stops no run midway. */
  async #startFunctions({ functions }: CompiledWorkflow): Promise<void> {
    this.#hosting ??= this.#startHost();
    const host = await this.#hosting;
    await host.prewarm(functions.map(({ name }) => name));
  }

  async #startHost(): Promise<FunctionHost> {
    const { unreachable } = this.#plan;
    if (unreachable.length > 0) {
      this.#options.onStandIn?.(
        unreachable.map(({ title, keyVariables }) => ({
          title,
          keyVariable: keyVariables[0] ?? '',
        })),
      );
      this.#standIn = await startStandIn(this.#options.standIn);
    }
    this.#host = createFunctionHost({
      functions: functionSpecs(this.#plan, this.#standIn ?? null),
      ...(this.#options.root === undefined ? {} : { root: this.#options.root }),
      ...(this.#options.onLog ? { onLog: this.#options.onLog } : {}),
    });
    return this.#host;
  }
}

function sameRun(known: LocalRun, input: Json): Run {
  if (!known.closed && sameJson(JSON.parse(known.input) as Json, input)) return known.run;
  throw new RunConflict(
    `Workflow '${known.workflow}' has a run '${known.id}' already, ${known.closed ? 'which is closed' : 'with another input'}. ` +
      'Start this one with another id, or without one.',
  );
}

function missingHost(): never {
  throw new UsageError('A function was called before the functions were started.');
}
