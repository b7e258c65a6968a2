import { WorkflowInvalid } from '../errors.ts';
import type { Lane } from '../model/lane.ts';
import { providerNamed } from '../model/providers.ts';
import { type CallNode, type Graph, nodesIn, type Value } from '../workflow/graph.ts';
import { isHttpCall } from '../workflow/http-lane.ts';
import { askingFunction } from './approval-functions.ts';
import type { FunctionNeed } from './compiled.ts';
import { batchLimits } from './states/lane/batch-limits.ts';

/** Seconds that a function has beyond its longest call, for its start and its answer. */
const functionMargin = 10;
/** Seconds that a function has to give a call to a provider: it waits for no model. */
const submitSeconds = 60;

/** The functions that a graph calls, one for each provider and one for each task. */
export class Functions {
  readonly #needs = new Map<string, FunctionNeed>();

  constructor(graph: Graph) {
    for (const node of nodesIn(graph.body)) {
      if (node.kind === 'call' && !isHttpCall(node)) this.#add(node);
      if (node.kind === 'approval') this.#needs.set(askingFunction.name, askingFunction);
    }
  }

  get needs(): readonly FunctionNeed[] {
    return [...this.#needs.values()];
  }

  /**
   * The word that stands for the function's ARN in the document.
   * @param lane in which a model is called. Default: that of the call
   */
  placeholder({ target }: CallNode, lane = target.kind === 'model' ? target.lane : null): string {
    return pascal(functionName(target, lane));
  }

  #add({ target, payload, timeoutSeconds }: CallNode): void {
    if (target.kind === 'task') {
      this.#addTask(target, timeoutSeconds);
      return;
    }
    if (target.lane !== 'batch') {
      this.#addModel(target, target.lane, payload, timeoutSeconds);
      return;
    }
    this.#addModel(target, 'batch', payload, timeoutSeconds);
    this.#addModel(target, 'sync', payload, batchLimits(timeoutSeconds).sync);
  }

  #addTask(target: TaskTarget, limit: number): void {
    const name = functionName(target, null);
    const known = this.#needs.get(name);
    const { entry, handler } = target;
    if (known && !isTaskOf(known, target)) {
      throw new WorkflowInvalid(
        `Two tasks would share the function '${name}': ${entry} (${handler}) and ${known.kind === 'task' ? `${known.entry} (${known.handler})` : `a model`}. ` +
          'Rename one of the files or handlers.',
      );
    }
    const timeoutSeconds = Math.max(known?.timeoutSeconds ?? 0, limit + functionMargin);
    const base = { placeholder: pascal(name), name, timeoutSeconds };
    this.#needs.set(name, { ...base, kind: 'task', entry, handler });
  }

  #addModel(target: ModelTarget, lane: Lane, payload: Value, limit: number): void {
    const name = functionName(target, lane);
    const known = this.#needs.get(name);
    const { provider, baseURL } = target;
    const server = serverOf(known);
    if (server !== undefined && server !== baseURL) {
      throw new WorkflowInvalid(
        `Two servers would share the function '${name}': ${server} and ${baseURL}. ` +
          'Their URLs differ in punctuation only; reach one of them by another host name or path.',
      );
    }
    const own = isSubmitted(lane) ? submitSeconds : limit + functionMargin;
    const timeoutSeconds = Math.max(known?.timeoutSeconds ?? 0, own);
    const before = known?.kind === 'model' ? (known.models ?? []) : [];
    const isGranted = providerNamed(provider, baseURL ?? undefined).auth === 'aws';
    this.#needs.set(name, {
      ...{ placeholder: pascal(name), name, timeoutSeconds },
      kind: isSubmitted(lane) ? 'submit' : 'model',
      provider,
      ...(baseURL === null ? {} : { baseURL }),
      ...(isGranted ? { models: mergedModels(before, modelsIn(payload)) } : {}),
    });
  }
}

type TaskTarget = CallNode['target'] & { readonly kind: 'task' };
type ModelTarget = CallNode['target'] & { readonly kind: 'model' };

/** Whether the call is given away, and its state waits for a token. */
export function isSubmitted(lane: Lane): boolean {
  return lane === 'background' || lane === 'batch';
}

/** The URL that a model function calls, null where it is the provider's usual one; undefined for others. */
function serverOf(need: FunctionNeed | undefined): string | null | undefined {
  return need?.kind === 'model' || need?.kind === 'submit' ? (need.baseURL ?? null) : undefined;
}

/** The model's name is known here: a call cannot be given one that only a run knows. */
function modelsIn(payload: Value): readonly string[] {
  const model = payload.kind === 'object' && payload.entries.find(([key]) => key === 'model')?.[1];
  return model && model.kind === 'literal' ? [String(model.value)] : [];
}

/** Each once, sorted. */
export function mergedModels(...lists: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(lists.flat())].sort();
}

function isTaskOf(need: FunctionNeed, target: TaskTarget): boolean {
  return need.kind === 'task' && need.entry === target.entry && need.handler === target.handler;
}

/** 'model-openai', 'model-openai-submit'; 'task-search' for functions/search.ts; other folders and handlers are spelt out. */
function functionName(target: CallNode['target'], lane: Lane | null): string {
  if (target.kind === 'model') {
    return `model-${target.provider}${lane !== null && isSubmitted(lane) ? '-submit' : ''}`;
  }
  const path = target.entry.replace(/^(?:\.\/)?functions\//, '').replace(/\.[cm]?[jt]sx?$/, '');
  const handler = target.handler === 'handler' ? '' : `-${target.handler}`;
  return `task-${path}${handler}`.replace(/[^A-Za-z0-9]+/g, '-').toLowerCase();
}

export function pascal(name: string): string {
  return name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
