import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CompiledWorkflow } from '../asl/compiled.ts';
import { substitute } from '../asl/document.ts';
import { signedPath } from '../callback/signed-link.ts';
import type { HistoryEvent } from '../engine/history/event.ts';
import type { ObjectStore } from '../engine/object-store.ts';
import { parseResource, type Resource } from '../engine/task/resource.ts';
import type { TaskCall } from '../engine/task/task-port.ts';
import { UsageError } from '../errors.ts';
import { dayBudgetIn } from '../model/budget/budgets-in-force.ts';
import { memoryTable } from '../model/limiter/memory-table.ts';
import { providerNamed } from '../model/providers.ts';
import { isPiece, type Piece } from '../model/stream/piece.ts';
import type { ApprovalListener } from './approval/announced.ts';
import { BackgroundCalls } from './background/background-calls.ts';
import { localBuckets } from './buckets.ts';
import type { Door } from './door/door.ts';
import { machineArn } from './execution-arn.ts';
import { localFunctionArn } from './function-host/environment.ts';
import { createFunctionHost, type FunctionHost } from './function-host/function-host.ts';
import type { FunctionLog } from './function-host/function-log.ts';
import {
  type FunctionPlan,
  functionSpecs,
  type HostedNeed,
  planFunctions,
} from './function-plan.ts';
import { functionTasks } from './function-tasks.ts';
import type { Integration, ServiceCall } from './integrations/integration.ts';
import { type ServedTable, serveTable } from './limiter/serve-table.ts';
import {
  type CalledProviders,
  calledProviders,
  localConnection,
  modelConnections,
} from './model-connections.ts';
import { payloadFolder } from './run-payloads.ts';
import { runTableName } from './run-table/name.ts';
import type { CallbackTerms, Runnable, TaskSupply } from './runnable.ts';
import { namesService, refuseService, type ServiceResource } from './served-services.ts';
import type { WebhookTarget } from './stand-in/background.ts';
import { type StandIn, type StandInOptions, startStandIn } from './stand-in/stand-in.ts';
import type { WorkflowServices } from './workflow-services.ts';

export interface WorkflowFunctionsOptions {
  /** The project's root, where the functions are. Default: the working directory. */
  readonly root?: string;
  /** The folder that keeps the runs, budgets and buckets. Default: `.cloudgather` under the root. */
  readonly folder?: string;
  /** Keys and base URLs of the providers. Default: process.env. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Hears, once and before the first call, that some providers are answered by the stand-in. */
  readonly onStandIn?: (providers: readonly { title: string; keyVariable: string }[]) => void;
  /** Hears of questions that wait for a person, with the link that answers. Default: nobody does. */
  readonly onApproval?: ApprovalListener;
  /** Hears what the functions print. Default: dropped. */
  readonly onLog?: (log: FunctionLog) => void;
  readonly standIn?: StandInOptions;
}

/** Where this machine keeps what outlives a run. */
export function stateFolder({ folder, root = '' }: WorkflowFunctionsOptions): string {
  return folder ?? path.join(root, '.cloudgather');
}

/** A compiled workflow with the names that its functions and its table have on this machine. */
export function runnableWorkflow(workflow: CompiledWorkflow): Runnable {
  const { name, description, inputSchema, functions, resources } = workflow;
  const called = (resources ?? []).filter((need) => need.kind === 'workflow');
  const arns = Object.fromEntries([
    ...functions.map((need) => [need.placeholder, localFunctionArn(need.name)]),
    ...called.map((need) => [need.placeholder, machineArn(need.workflow)]),
    ...connectionNames(resources),
  ]);
  return {
    name,
    description,
    inputSchema,
    definition: substitute(workflow.definition, { ...arns, RunTable: runTableName }),
    type: 'STANDARD',
    functions: functions.map((need) => need.name),
    resources,
    program: { workflow },
  };
}

function connectionNames(resources: CompiledWorkflow['resources'] = []) {
  return resources.flatMap((need): (readonly [string, string])[] => {
    if (need.kind !== 'connection') return [];
    const { arn, url } = localConnection(need.provider);
    return [
      [need.placeholder, arn],
      [need.endpoint, url],
    ];
  });
}

/**
 * The functions of compiled workflows, in worker threads, and what else their documents call. A
 * provider that no key or base URL leads to is answered by the scripted stand-in. Nothing is started
 * or loaded before a `prepare` that needs it.
 */
export class WorkflowFunctions implements TaskSupply {
  readonly tasks: TaskSupply['tasks'];
  readonly objects: ObjectStore;
  readonly nests = true;
  readonly #options: WorkflowFunctionsOptions;
  readonly #plan: FunctionPlan;
  #hosting: Promise<FunctionHost> | undefined;
  #host: FunctionHost | undefined;
  #standIn: Promise<StandIn> | undefined;
  readonly #called: CalledProviders;
  #http: Promise<Integration> | undefined;
  #limiter: ServedTable | undefined;
  #loading: Promise<WorkflowServices> | undefined;
  #callbacks: CallbackTerms | undefined;
  #hear: ((piece: Piece) => void) | undefined;
  #door: Promise<Door> | undefined;
  #budgets: ServedTable | undefined;
  readonly #hasBudget: boolean;
  readonly #background: BackgroundCalls | undefined;
  /** What the stand-in signs its webhooks with. */
  readonly #webhookSecret = `whsec_${randomBytes(32).toString('base64')}`;

  /** @throws UsageError where two workflows mean different functions by one name */
  constructor(workflows: readonly CompiledWorkflow[], options: WorkflowFunctionsOptions) {
    this.#options = options;
    const environment = options.environment ?? process.env;
    this.objects = localBuckets(path.join(stateFolder(options), 'buckets'), environment);
    this.#plan = planFunctions(workflows, environment);
    this.#called = calledProviders(workflows, environment);
    this.#hasBudget =
      dayBudgetIn(environment) !== null || workflows.some(({ budget }) => budget === true);
    if (this.#plan.needs.some(({ kind }) => kind === 'submit')) {
      this.#background = new BackgroundCalls(this.#plan, (name, payload) =>
        (this.#host ?? missingHost()).invoke(name, payload),
      );
    }
    const functions = functionTasks(
      () => this.#host ?? missingHost(),
      new Set(this.#plan.needs.map(({ name }) => name)),
    );
    this.tasks = {
      refuse(arn) {
        const resource = parseResource(arn);
        return isOther(resource) ? refuseService(resource) : functions.refuse(arn);
      },
      run: (call) => {
        if (isHttp(call)) return this.#callEndpoint(call);
        if (isOther(call.resource)) return this.#callService(call);
        return this.#background?.run(call) ?? functions.run(call);
      },
    };
  }

  answerTo(terms: CallbackTerms): void {
    const desk = this.#background?.through(terms.desk) ?? terms.desk;
    this.#callbacks = { ...terms, desk };
  }

  tellTo(hear: (piece: Piece) => void): void {
    this.#hear = hear;
  }

  async prepare({ functions, definition, resources = [] }: Runnable): Promise<void> {
    await Promise.all([
      functions.length > 0 ? this.#prepareFunctions(functions) : undefined,
      resources.some(({ kind }) => kind === 'connection') ? this.#prepareEndpoints() : undefined,
      namesService(definition) ? this.#services().then((it) => it.prepare(resources)) : undefined,
    ]);
  }

  async restore(events: readonly HistoryEvent[]): Promise<void> {
    await (await this.#loading)?.restore(events);
    if (this.#background) {
      await this.#background.restore(events, async () => (await this.#services()).table());
    }
    if (!this.#plan.needs.some(({ kind }) => kind === 'approval')) return;
    const { restoreApprovals } = await import('./approval/restored.ts');
    await restoreApprovals(events, await this.#callback(), this.#heardApproval);
  }

  readonly #heardApproval: ApprovalListener = (notice) => this.#options.onApproval?.(notice);

  async close(): Promise<void> {
    await this.#hosting?.catch(() => undefined);
    const services = await this.#loading?.catch(() => undefined);
    await this.#background?.close();
    // Before the functions that answer at it, and after those that answer tokens there.
    if (this.#door) {
      const door = await this.#door.catch(() => undefined);
      await door?.close();
    }
    await Promise.all([
      this.#host?.close(),
      this.#standIn?.then(
        (standIn) => standIn.close(),
        () => undefined,
      ),
      this.#limiter?.close(),
      this.#budgets?.close(),
      services?.close(),
    ]);
  }

  async #prepareFunctions(functions: readonly string[]): Promise<void> {
    this.#hosting ??= this.#startHost();
    const host = await this.#hosting;
    await host.prewarm(functions);
  }

  #services(): Promise<WorkflowServices> {
    this.#loading ??= import('./workflow-services.ts').then(
      (module) => new module.WorkflowServices(),
    );
    return this.#loading;
  }

  async #callService(call: TaskCall): Promise<string> {
    return (await this.#services()).run(call);
  }

  /** The variables by which a function answers task tokens, keeps rows on them and makes links. */
  async #callback(): Promise<Readonly<Record<string, string>>> {
    const terms = this.#callbacks;
    if (!terms) throw new UsageError('Nothing here takes answers to task tokens.');
    this.#door ??= this.#openDoor(terms);
    const [{ url }, table] = await Promise.all([
      this.#door,
      this.#services().then((services) => services.table()),
    ]);
    return {
      ...table,
      AWS_ENDPOINT_URL_SFN: url,
      AWS_ENDPOINT_URL_EVENTBRIDGE: url,
      CLOUDGATHER_RUN_TABLE: runTableName,
      CLOUDGATHER_LINK_BASE: url,
      CLOUDGATHER_LINK_SECRET: terms.linkSecret(),
      CLOUDGATHER_WEBHOOK_SECRET: this.#webhookSecret,
    };
  }

  async #openDoor({ desk, linkSecret, opened }: CallbackTerms): Promise<Door> {
    const { openDoor } = await import('./door/door.ts');
    const door = await openDoor({
      desk,
      onApproval: this.#heardApproval,
      linkSecret: linkSecret(),
      routes: routesOf(this.#plan.needs),
      invoke: (name, payload) => (this.#host ?? missingHost()).invoke(name, payload),
    });
    opened(door.url);
    return door;
  }

  /** Where a provider's webhooks come in: by a link of their own, and signed besides. */
  async #webhookTarget(): Promise<WebhookTarget> {
    const { CLOUDGATHER_LINK_SECRET: secret = '', CLOUDGATHER_LINK_BASE: base = '' } =
      await this.#callback();
    const path = signedPath({ path: '/webhooks/openai', expires: null, secret });
    return { url: `${base}${path}`, secret: this.#webhookSecret };
  }

  /** What a run's calls will need that no function makes. */
  async #prepareEndpoints(): Promise<void> {
    const scripted = [...this.#called.values()].includes(null);
    await Promise.all([this.#endpoints(), scripted ? this.#openStandIn() : undefined]);
  }

  #endpoints(): Promise<Integration> {
    this.#http ??= import('./integrations/http-invoke.ts').then(({ httpInvoke }) =>
      httpInvoke(modelConnections(this.#called, () => this.#openStandIn())),
    );
    return this.#http;
  }

  async #callEndpoint(call: ServiceCall): Promise<string> {
    return (await this.#endpoints()).run(call);
  }

  /** Started once, by whatever first needs it; who answers is told before it does. */
  #openStandIn(): Promise<StandIn> {
    this.#standIn ??= this.#startStandIn();
    return this.#standIn;
  }

  #startStandIn(): Promise<StandIn> {
    const called = [...this.#called].flatMap(([name, at]) => (at ? [] : [providerNamed(name)]));
    const all = [...this.#plan.unreachable, ...called];
    const each = new Map(all.map((provider) => [provider.name, provider])).values();
    this.#options.onStandIn?.(
      [...each].map(({ title, keyVariables }) => ({ title, keyVariable: keyVariables[0] ?? '' })),
    );
    return startStandIn({ ...this.#options.standIn, webhooks: () => this.#webhookTarget() });
  }

  async #startHost(): Promise<FunctionHost> {
    const standIn = this.#plan.unreachable.length > 0 ? await this.#openStandIn() : null;
    if (this.#plan.connections.size > 0) this.#limiter = serveTable(memoryTable());
    if (this.#hasBudget) this.#budgets = await serveBudgets(stateFolder(this.#options));
    this.#host = createFunctionHost({
      functions: functionSpecs(
        this.#plan,
        standIn,
        { limiter: this.#limiter?.channel, budgets: this.#budgets?.channel },
        () => this.#callback(),
        pathToFileURL(payloadFolder(stateFolder(this.#options))),
      ),
      onTold: (message) => {
        if (isPiece(message)) this.#hear?.(message);
      },
      ...(this.#options.root === undefined ? {} : { root: this.#options.root }),
      ...(this.#options.onLog ? { onLog: this.#options.onLog } : {}),
    });
    return this.#host;
  }
}

function isHttp(call: TaskCall): call is ServiceCall {
  return call.resource.kind === 'service' && call.resource.service === 'http';
}

/** A service that is not Lambda. */
function isOther(resource: Resource | undefined): resource is ServiceResource {
  return resource?.kind === 'service' && resource.service !== 'lambda';
}

/** Which function serves the links that begin so. */
function routesOf(needs: readonly HostedNeed[]): Readonly<Record<string, string>> {
  return Object.fromEntries(needs.flatMap(({ serves, name }) => (serves ? [[serves, name]] : [])));
}

/** Nothing of it is loaded by a run that has no budget. */
async function serveBudgets(folder: string): Promise<ServedTable> {
  const { storedTable } = await import('./limiter/stored-table.ts');
  const table = storedTable(folder);
  const served = serveTable(table);
  return {
    channel: served.channel,
    close() {
      served.close();
      table.close();
    },
  };
}

function missingHost(): never {
  throw new UsageError('A function was called before the functions were started.');
}
