import { compileWorkflow } from '../asl/compile.ts';
import type {
  CompiledWorkflow,
  FunctionNeed,
  ModelFunctionNeed,
  ResourceNeed,
} from '../asl/compiled.ts';
import { substitute } from '../asl/document.ts';
import type { Clock } from '../engine/clock/clock.ts';
import { VirtualClock } from '../engine/clock/virtual-clock.ts';
import { createEngine, type Engine } from '../engine/engine.ts';
import type { Execution } from '../engine/execution.ts';
import type { HistoryEvent } from '../engine/history/event.ts';
import { loadMachine, type Machine } from '../engine/machine.ts';
import { lambdaInvocation, lambdaInvokeResult } from '../engine/task/lambda-invoke.ts';
import type { TaskCall, TaskPort } from '../engine/task/task-port.ts';
import { UsageError } from '../errors.ts';
import type { Json } from '../json.ts';
import { localConnection } from '../local/model-connections.ts';
import { runTableName } from '../local/run-table/name.ts';
import type { WorkflowServices } from '../local/workflow-services.ts';
import { priceFactor } from '../model/batch/price-factor.ts';
import { budgetedCall } from '../model/budget/budgeted-call.ts';
import { pursesOf } from '../model/budget/budgets-in-force.ts';
import { limitedCall } from '../model/limiter/limited-call.ts';
import { Limiter } from '../model/limiter/limiter.ts';
import { memoryTable } from '../model/limiter/memory-table.ts';
import { providerNamed } from '../model/providers.ts';
import type { ModelRequest } from '../model/request.ts';
import { reusedCall } from '../model/reuse.ts';
import { memoryStore } from '../payload/memory-store.ts';
import { withPayloads } from '../payload/model-function.ts';
import type { PayloadStore } from '../payload/store.ts';
import { runTask } from '../payload/task-function.ts';
import { foldRun } from '../run/fold.ts';
import { checkInput } from '../run/input.ts';
import { withItems } from '../run/items.ts';
import type { Run } from '../run/run.ts';
import { wholeRun } from '../run/whole.ts';
import { calledWorkflows, type Workflow } from '../workflow/workflow.ts';
import { inBatch, priced } from './batched.ts';
import { answerHttpCall, isHttpCall } from './http-call.ts';
import { lambdaFailure } from './lambda-failure.ts';
import { memoryObjects } from './memory-objects.ts';
import { withExecutions } from './nested-executions.ts';
import { scriptedModel, type TestModel } from './scripted-model.ts';
import { seededRandom } from './seeded-random.ts';
import { askTest, checkApprovals, type TestApprovals } from './test-approvals.ts';
import { TestItems } from './test-items.ts';

/** A task's handler, as its module exports it. */
// biome-ignore lint/suspicious/noExplicitAny: a handler takes and gives what its own types say.
export type TaskHandler = (input: any) => unknown;

export interface TestRunOptions {
  /** Checked against the workflow's schema, defaults filled. Default: {}. */
  readonly input?: Json;
  /** Answers every model call. Default: `scriptedModel()`. */
  readonly model?: TestModel;
  /** By the path that `task(...)` was given: 'functions/search.ts'. */
  readonly tasks?: Readonly<Record<string, TaskHandler>>;
  /** What is in S3 before the run: texts by 's3://bucket/key'. Default: nothing. */
  readonly objects?: Readonly<Record<string, string>>;
  /** Workflows that are called by their names; those that are called themselves are known. */
  readonly workflows?: readonly Workflow[];
  /** Answers approvals, by the names of their steps. An approval that is not here is refused. */
  readonly approvals?: TestApprovals;
  /** Default: a virtual clock, on which waiting takes no time. */
  readonly clock?: Clock;
  /** For the jitter of retries. Default: 1. */
  readonly seed?: number;
}

/** One call of a model, in the order in which they began; a call that was made again is there twice. */
export interface TestCall {
  readonly provider: string;
  readonly request: ModelRequest;
  /** Seconds since the run began. */
  readonly at: number;
}

export interface TestRun {
  readonly status: Run['status'];
  readonly output: Json | undefined;
  readonly error: string | undefined;
  /** What happened, as the command line and the API tell it: steps, usage, price. */
  readonly run: Run;
  readonly calls: readonly TestCall[];
  /** From start to end, on the clock. */
  readonly seconds: number;
  /** What Step Functions bills: states entered, and retries. */
  readonly transitions: number;
  readonly history: readonly HistoryEvent[];
  /** The runs of workflows that were started as executions of their own, in order. */
  readonly executions: readonly Run[];
  /** What is in S3 after the run, as `TestRunOptions.objects` has it. */
  readonly objects: Readonly<Record<string, string>>;
}

/**
 * Runs a workflow alone: the document that would be deployed, in the engine, on a virtual clock, with
 * models and tasks in this process. Limits of the model calls are kept as in a deployment.
 * @throws InputInvalid; UsageError where the workflow calls a task that the test does not give
 */
export async function testRun(flow: Workflow, options: TestRunOptions = {}): Promise<TestRun> {
  const { seed = 1, clock = new VirtualClock({ now: Date.UTC(2026, 0, 1) }) } = options;
  const flows = [flow, ...flow[calledWorkflows], ...(options.workflows ?? [])];
  const compiled = new Map(flows.map((each) => [each.graph.name, compileWorkflow(each)]));
  const all = [...compiled.values()];
  const input = checkInput(all[0]!.inputSchema, options.input ?? {});
  for (const { definition } of all) checkApprovals(definition, options.approvals ?? {});
  const started = clock.now();
  const calls: TestCall[] = [];
  const random = seededRandom(seed);
  const payloads = memoryStore();
  const items = new TestItems();
  let transitions = 0;
  const store = memoryObjects(options.objects);
  const needs = new Map(all.flatMap(({ functions }) => functions).map((each) => [each.name, each]));
  const own = tasksOf([...needs.values()], options, {
    clock,
    calls,
    started,
    random,
    payloads,
    engine: () => engine,
  });
  const services = await servicesOf(all.flatMap(({ resources = [] }) => resources));
  const machines = new Map(all.map((each) => [machineArn(each.name), machineOf(each)]));
  const served = services ? withServices(own, services) : own;
  const tasks = withExecutions(served, () => engine, machines);
  const engine: Engine = createEngine({
    store,
    tasks,
    clock,
    random,
    onEvent: (event, executionArn) => {
      items.add(event, executionArn);
      const { type } = event;
      if (/StateEntered$|^(LambdaFunction|Task)Scheduled$/.test(type)) transitions += 1;
      if (type === 'TaskStateEntered') transitions -= 1;
    },
  });
  const arn = machineArn(flow.graph.name);
  const execution = engine.start(machines.get(arn)!, {
    ...{ name: 'test', input: JSON.stringify(input), stateMachineArn: arn },
  });
  const outcome = await execution.done;
  await services?.close();
  const { history } = execution;
  const whole = (each: Execution) =>
    wholeRun(withItems(runOf(each), items.of), async () => payloads);
  const run = await whole(execution);
  return {
    status: outcome.status,
    output: run.status === 'SUCCEEDED' ? run.output : undefined,
    error: 'error' in run ? (run.error ?? undefined) : undefined,
    run,
    executions: await Promise.all(tasks.executions.map(whole)),
    calls,
    seconds: (clock.now() - started) / 1000,
    transitions,
    history,
    objects: store.texts,
  };
}

/** A table of the run's own, where its document needs one: DynamoDB's protocol, in memory. */
async function servicesOf(
  resources: readonly ResourceNeed[],
): Promise<WorkflowServices | undefined> {
  // Background calls need no rows here: the model is in this process.
  if (!resources.some((need) => need.kind === 'table' && need.actions.length > 0)) return undefined;
  const module = await import('../local/workflow-services.ts');
  const services = new module.WorkflowServices();
  await services.prepare(resources);
  return services;
}

function withServices(tasks: TaskPort, services: WorkflowServices): TaskPort {
  return {
    ...tasks,
    run(call) {
      const { resource } = call;
      const isOther = resource.kind === 'service' && resource.service !== 'lambda';
      return isOther && !isHttpCall(call) ? services.run(call) : tasks.run(call);
    },
  };
}

function runOf({ identity, history }: Execution): Run {
  return foldRun({ id: identity.name, workflow: identity.stateMachineName }, history);
}

function machineOf({ definition, functions, resources = [] }: CompiledWorkflow): Machine {
  const arns = functions.map(({ placeholder, name }) => [placeholder, arnOf(name)]);
  const called = resources
    .filter((need) => need.kind === 'workflow')
    .map(({ placeholder, workflow }) => [placeholder, machineArn(workflow)]);
  const connections = resources.flatMap((need) => {
    if (need.kind !== 'connection') return [];
    const { arn, url } = localConnection(need.provider);
    return [
      [need.placeholder, arn],
      [need.endpoint, url],
    ];
  });
  const names = Object.fromEntries([
    ...arns,
    ...called,
    ...connections,
    ['RunTable', runTableName],
  ]);
  return loadMachine(substitute(definition, names));
}

function machineArn(workflow: string): string {
  return `arn:aws:states:us-east-1:123456789012:stateMachine:${workflow}`;
}

/** What a function that submits is given. */
interface Submission {
  readonly request: ModelRequest;
  readonly lane?: 'batch';
}

interface Setting {
  readonly payloads: PayloadStore;
  readonly clock: Clock;
  readonly calls: TestCall[];
  readonly started: number;
  readonly random: () => number;
  readonly engine: () => Engine;
}

function tasksOf(
  functions: readonly FunctionNeed[],
  { model = scriptedModel(), tasks = {}, approvals = {} }: TestRunOptions,
  { clock, calls, started, random, engine, payloads }: Setting,
): TaskPort {
  const now = () => clock.now();
  const table = memoryTable();
  const limiter = new Limiter(table, { now, random });
  const needs = new Map(functions.map((need) => [arnOf(need.name), need]));
  for (const need of functions) {
    if (need.kind !== 'task' || tasks[need.entry]) continue;
    throw new UsageError(
      `The workflow calls the task ${need.entry}, which the test does not give. Add it: { tasks: { '${need.entry}': handler } }.`,
    );
  }
  async function callModel(
    { provider, baseURL }: Pick<ModelFunctionNeed, 'provider' | 'baseURL'>,
    event: ModelRequest,
    call: TaskCall,
    lane?: 'batch',
  ): Promise<unknown> {
    const shared = {
      limiter,
      provider: providerNamed(provider, 'test'),
      baseURL: 'test',
      random,
      now,
    };
    // Limits are those of single calls: batches have others.
    const by = lane === 'batch' ? { ...shared, limiter: null } : shared;
    const factor = priceFactor(lane, providerNamed(provider, baseURL));
    const answerOf = (given: unknown) => {
      const request = given as ModelRequest;
      const budgets = { purses: pursesOf(request, {}, now()), provider, table, factor };
      const site = { provider, baseURL: 'test', open: async () => payloads };
      const made = () =>
        limitedCall(request, by, () =>
          budgetedCall(request, budgets, async (bounded, account) => {
            await account?.reserve(bounded);
            calls.push({ provider, request, at: (now() - started) / 1000 });
            const sleep = (ms: number) => call.sleep(ms);
            const answer = await model.answer(request, { provider, now, sleep });
            const result = priced(answer, factor);
            account?.answered(result);
            return result;
          }),
        );
      return reusedCall(request, site, made);
    };
    return withPayloads(event, answerOf, async () => payloads);
  }
  const callTask = async (handler: TaskHandler | undefined, input: unknown) =>
    handler && runTask(handler, input, undefined, async () => payloads);

  /** A call that no function makes: nothing of ours is in between. */
  const callDirectly = (call: TaskCall) =>
    answerHttpCall(call, (provider, request) => {
      calls.push({ provider, request, at: (now() - started) / 1000 });
      return model.answer(request, { provider, now, sleep: (ms: number) => call.sleep(ms) });
    });

  /** A call in the background or in a batch: the state has its token, which the answer brings back. */
  async function submit(call: TaskCall): Promise<string> {
    const { functionName, payload } = lambdaInvocation(call.input);
    const need = needs.get(functionName);
    const { request, lane } = JSON.parse(payload) as Submission;
    const token = call.taskToken ?? '';
    const submitted = lambdaInvokeResult(JSON.stringify({ job: 'test', response: null }), 'test');
    call.submitted(submitted);
    try {
      const of = need?.kind === 'submit' ? need : { provider: '' };
      const answer = callModel(of, request, call, lane);
      const result = await (lane ? inBatch(answer, request, of.provider, call) : answer);
      engine().sendTaskSuccess(token, JSON.stringify(result));
    } catch (error) {
      const { error: name, cause } = lambdaFailure(error);
      engine().sendTaskFailure(token, name, cause);
    }
    return submitted;
  }
  return {
    refuse: () => undefined,
    async run(call) {
      if (call.taskToken !== undefined) {
        const need = needs.get(lambdaInvocation(call.input).functionName);
        const asks = need?.kind === 'approval';
        return asks ? askTest(call, approvals, clock, engine()) : submit(call);
      }
      if (isHttpCall(call)) return callDirectly(call);
      const need = needs.get(call.resource.arn);
      try {
        const input = JSON.parse(call.input);
        const result =
          need?.kind === 'task'
            ? await callTask(tasks[need.entry], input)
            : need?.kind === 'model' && (await callModel(need, input as ModelRequest, call));
        return JSON.stringify(result ?? null);
      } catch (error) {
        throw lambdaFailure(error);
      }
    },
  };
}

function arnOf(name: string): string {
  return `arn:aws:lambda:us-east-1:123456789012:function:${name}`;
}
