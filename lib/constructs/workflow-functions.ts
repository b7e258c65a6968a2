import type { IAlias } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type {
  CompiledWorkflow,
  FunctionNeed,
  ModelFunctionNeed,
  SubmitFunctionNeed,
} from '../asl/compiled.ts';
import { mergedModels } from '../asl/functions.ts';
import { WorkflowInvalid } from '../errors.ts';
import { ApprovalFunction, type Callbacks } from './approval-function.ts';
import { BackgroundFunctions } from './background-functions.ts';
import type { FunctionBundles } from './function-bundles.ts';
import { LimiterTable } from './limiter-table.ts';
import type { LiveFunction } from './live-function.ts';
import { ModelFunction, type ModelFunctionProps } from './model-function.ts';
import { PayloadBucket } from './payload-bucket.ts';
import { ProviderKeys } from './provider-keys.ts';
import type { RunTable } from './run-table.ts';
import { TaskFunction } from './task-function.ts';
import { TokenTable } from './token-table.ts';

export interface WorkflowFunctionsProps {
  readonly workflows: readonly CompiledWorkflow[];
  /** Made by `bundleFunctions` from at least these workflows. */
  readonly bundles: FunctionBundles;
  /** Where open background calls are; there if a workflow has any. */
  readonly table?: RunTable | undefined;
  /** Needed where one of the workflows asks people. */
  readonly callbacks?: Callbacks | undefined;
}

/**
 * Every function that the workflows need, each once, however many workflows name it. Where they ask
 * for different time limits, the longest holds.
 *
 * @throws WorkflowInvalid when two workflows mean different functions by one name.
 */
export class WorkflowFunctions extends Construct {
  /** What serves the background lane, by the name of the function that submits. */
  readonly background = new Map<string, BackgroundFunctions>();
  /** Where the tokens of watched runs are; there if a workflow calls a model. */
  tokens: TokenTable | undefined;
  /** Where they put what is too large for a run's data; undefined: there are no functions. */
  readonly payloads: PayloadBucket | undefined;
  /** The secrets of their providers. */
  readonly keys: ProviderKeys;
  private readonly functions = new Map<string, LiveFunction>();

  constructor(scope: Construct, id: string, props: WorkflowFunctionsProps) {
    super(scope, id);
    const { workflows, bundles, table, callbacks } = props;
    const keys = new ProviderKeys(this, 'Keys');
    this.keys = keys;
    const needs = [...mergedNeeds(workflows)];
    const limiter = needs.some(({ kind }) => kind === 'model' || kind === 'submit')
      ? new LimiterTable(this, 'Limiter')
      : undefined;
    const payloads = needs.length > 0 ? new PayloadBucket(this, 'Payloads') : undefined;
    this.payloads = payloads;
    const make = (need: Exclude<FunctionNeed, SubmitFunctionNeed>): LiveFunction => {
      switch (need.kind) {
        case 'model':
          return this.modelFunction({ need, bundle: bundles.model, keys, limiter, payloads });
        case 'task':
          return new TaskFunction(this, need.name, {
            need,
            bundle: bundles.tasks.get(need.entry)!,
            payloads,
          });
        case 'approval':
          return new ApprovalFunction(this, need.name, {
            need,
            bundle: bundles.approvals!.ask,
            payloads,
            ...(callbacks ?? missingCallbacks()),
          });
      }
    };
    for (const need of needs) {
      if (need.kind === 'submit') {
        const own = { need, bundles: bundles.background!, keys, limiter, table: table!, payloads };
        const background = new BackgroundFunctions(this, `background-${need.provider}`, own);
        this.background.set(need.name, background);
        this.functions.set(need.name, background.submit);
        continue;
      }
      this.functions.set(need.name, make(need));
    }
  }

  private modelFunction(props: ModelFunctionProps & { need: ModelFunctionNeed }): ModelFunction {
    this.tokens ??= new TokenTable(this, 'Tokens');
    const environment = { CLOUDGATHER_TOKEN_TABLE: this.tokens.name };
    const constructed = new ModelFunction(this, props.need.name, { ...props, environment });
    this.tokens.letTell(constructed);
    return constructed;
  }

  /** The alias `live` of the function that `need` names. */
  alias(need: FunctionNeed): IAlias {
    const found = this.functions.get(need.name);
    if (found === undefined) {
      throw new WorkflowInvalid(
        `There is no function "${need.name}" among those of this stack: ` +
          `${[...this.functions.keys()].join(', ') || 'it has none'}. ` +
          'Give WorkflowFunctions the workflow that names it.',
      );
    }
    return found.alias;
  }
}

function missingCallbacks(): never {
  throw new WorkflowInvalid(
    'A workflow asks people for approval, and WorkflowFunctions was given nothing to be called back by. ' +
      'Make its construct with Cloudgather, which makes what its workflows need.',
  );
}

function mergedNeeds(workflows: readonly CompiledWorkflow[]): Iterable<FunctionNeed> {
  const merged = new Map<string, FunctionNeed>();
  for (const need of workflows.flatMap((workflow) => workflow.functions)) {
    const known = merged.get(need.name);
    if (known !== undefined && identity(known) !== identity(need)) {
      throw new WorkflowInvalid(
        `Two workflows mean different functions by the name "${need.name}": ` +
          `${identity(known)} and ${identity(need)}. Give one of them another name.`,
      );
    }
    const timeoutSeconds = Math.max(need.timeoutSeconds, known?.timeoutSeconds ?? 0);
    const models = mergedModels(modelsOf(known), modelsOf(need));
    merged.set(need.name, { ...need, timeoutSeconds, ...(models.length > 0 ? { models } : {}) });
  }
  return merged.values();
}

function modelsOf(need: FunctionNeed | undefined): readonly string[] {
  return need?.kind === 'model' ? (need.models ?? []) : [];
}

/** What makes a function itself, in words: the same words are the same function. */
function identity(need: FunctionNeed): string {
  if (need.kind === 'approval') return 'the function of approvals';
  return need.kind !== 'task'
    ? `the ${need.kind} function of ${need.provider} at ${need.baseURL ?? 'its own URL'}`
    : `the task function ${need.entry} (${need.handler})`;
}
