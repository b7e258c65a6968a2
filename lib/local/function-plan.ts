import { type ApprovalLinkFunctionNeed, answeringFunction } from '../asl/approval-functions.ts';
import {
  backgroundFunctions,
  type SweepFunctionNeed,
  type WebhookFunctionNeed,
} from '../asl/background-functions.ts';
import type { CompiledWorkflow, FunctionNeed, ModelFunctionNeed } from '../asl/compiled.ts';
import { UsageError } from '../errors.ts';
import { dayBudgetEnvironment, dayBudgetIn } from '../model/budget/budgets-in-force.ts';
import {
  type Connection,
  connectionFrom,
  type Environment,
  modelEnvironment,
} from '../model/connection.ts';
import { type Provider, providerNamed } from '../model/providers.ts';
import type { FunctionSpec } from './function-host/function-spec.ts';
import type { StandIn } from './stand-in/stand-in.ts';

/** The module of every model function, from the project's root. */
export const modelCallEntry = new URL('../../functions/model-call.ts', import.meta.url).pathname;

/** The modules of what works with the background lane, and with approvals. */
const entries = {
  model: modelCallEntry,
  submit: moduleOf('model-submit'),
  webhook: moduleOf('model-webhook'),
  sweep: moduleOf('model-sweep'),
  approval: moduleOf('approval'),
  'approval-link': moduleOf('approval-link'),
};

function moduleOf(name: string): string {
  return new URL(`../../functions/${name}.ts`, import.meta.url).pathname;
}

/** A function that is hosted here: one that a document names, or one that comes with it. */
export type HostedNeed =
  | FunctionNeed
  | WebhookFunctionNeed
  | SweepFunctionNeed
  | ApprovalLinkFunctionNeed;

/** The functions of some workflows, and the providers that no key or URL leads to. */
export interface FunctionPlan {
  readonly needs: readonly HostedNeed[];
  readonly connections: ReadonlyMap<string, Connection>;
  readonly unreachable: readonly Provider[];
  /** The variables that hold the budget of the day; empty: there is none. */
  readonly dayBudget: Readonly<Record<string, string>>;
}

/** The channels on which tables are served; undefined: that one is not. */
export interface TableChannels {
  /** Of the table by which calls of real providers share their limits. */
  readonly limiter: string | undefined;
  readonly budgets: string | undefined;
}

type ProviderNeed = Exclude<HostedNeed, { kind: 'task' | 'approval' | 'approval-link' }>;

function callsProvider(need: HostedNeed): need is ProviderNeed {
  return need.kind !== 'task' && need.kind !== 'approval' && need.kind !== 'approval-link';
}

/** The functions that come with one, and that no document names. */
function companionsOf(need: FunctionNeed): readonly HostedNeed[] {
  if (need.kind === 'submit') return backgroundFunctions(need);
  return need.kind === 'approval' ? [answeringFunction] : [];
}

/** @throws UsageError where two workflows mean different functions by one name, or a URL is none */
export function planFunctions(
  workflows: readonly CompiledWorkflow[],
  environment: Environment,
): FunctionPlan {
  const needs = mergeNeeds(workflows).flatMap((need): readonly HostedNeed[] => [
    need,
    ...companionsOf(need),
  ]);
  const connections = new Map<string, Connection>();
  const unreachable: Provider[] = [];
  for (const need of needs) {
    if (!callsProvider(need)) continue;
    const provider = providerOf(need);
    const connection = connectionFrom(environment, provider);
    if (connection) connections.set(need.name, connection);
    else if (!unreachable.some(({ name }) => name === provider.name)) unreachable.push(provider);
  }
  const dayBudget = dayBudgetEnvironment(dayBudgetIn(environment));
  return { needs, connections, unreachable, dayBudget };
}

/**
 * What the function host runs: the same bundles that are deployed, each with its own environment.
 * @param callback opens the door and tells the variables of the functions that need it
 * @param payloads the folder where they put aside what is too large for a run's data
 */
export function functionSpecs(
  plan: FunctionPlan,
  standIn: StandIn | null,
  channels: TableChannels,
  callback: () => Promise<Readonly<Record<string, string>>>,
  payloads: URL,
): FunctionSpec[] {
  const shared = { CLOUDGATHER_PAYLOADS: payloads.href };
  return plan.needs.map((need): FunctionSpec => {
    const spec = specOf(need);
    const { environment } = spec;
    const isCalledBack = need.answersTokens || need.serves;
    if (!isCalledBack && need.kind !== 'submit' && need.kind !== 'approval') return spec;
    return { ...spec, environment: async () => ({ ...environment, ...(await callback()) }) };
  });

  function specOf(need: HostedNeed): FunctionSpec {
    const { name, timeoutSeconds } = need;
    if (need.kind === 'task') {
      const { entry, handler } = need;
      return { name, timeoutSeconds, entry, handler, task: true, environment: { ...shared } };
    }
    const entry = entries[need.kind];
    if (!callsProvider(need)) {
      return { name, timeoutSeconds, entry, handler: 'handler', environment: shared };
    }
    const real = plan.connections.get(name);
    const environment = {
      ...shared,
      ...(real ? modelEnvironment(real) : scriptedEnvironment(need, standIn)),
      ...(real && channels.limiter ? { CLOUDGATHER_LIMITER_CHANNEL: channels.limiter } : {}),
      ...(channels.budgets ? { CLOUDGATHER_BUDGET_CHANNEL: channels.budgets } : {}),
      ...plan.dayBudget,
    };
    return { name, timeoutSeconds, entry, handler: 'handler', environment };
  }
}

function providerOf(need: Pick<ModelFunctionNeed, 'provider' | 'baseURL'>): Provider {
  return providerNamed(need.provider, need.baseURL);
}

function scriptedEnvironment(need: ProviderNeed, standIn: StandIn | null): Record<string, string> {
  const provider = providerOf(need);
  if (!standIn)
    throw new UsageError(`No key leads to ${provider.title}, and no stand-in is there.`);
  const baseURL = need.kind === 'model' ? standIn.baseURL(provider.name) : standIn.backgroundURL;
  return {
    ...modelEnvironment({ provider, baseURL, apiKey: 'scripted' }),
    // What nobody is paid for is not of the day's real budget.
    CLOUDGATHER_SCRIPTED: '1',
  };
}

/** One function a name; its limit is the longest that any of the workflows wants. */
function mergeNeeds(workflows: readonly CompiledWorkflow[]): FunctionNeed[] {
  const merged = new Map<string, FunctionNeed>();
  for (const need of workflows.flatMap(({ functions }) => functions)) {
    const known = merged.get(need.name);
    if (known && identity(known) !== identity(need)) {
      throw new UsageError(
        `Two workflows mean different functions by the name '${need.name}': ${identity(known)} and ${identity(need)}. ` +
          'Rename one of the files or handlers.',
      );
    }
    const timeoutSeconds = Math.max(known?.timeoutSeconds ?? 0, need.timeoutSeconds);
    merged.set(need.name, { ...need, timeoutSeconds });
  }
  return [...merged.values()];
}

function identity(need: FunctionNeed): string {
  if (need.kind === 'approval') return 'approvals';
  return need.kind === 'task'
    ? `${need.entry} (${need.handler})`
    : `${need.kind} of ${need.provider} at ${need.baseURL ?? 'its usual address'}`;
}
