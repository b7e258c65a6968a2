import { WorkflowInvalid } from '../errors.ts';
import { providerNamed } from '../model/providers.ts';
import { type CallNode, type Graph, nodesIn, type Value } from '../workflow/graph.ts';
import { isHttpCall } from '../workflow/http-lane.ts';
import { askingFunction } from './approval-functions.ts';
import type { FunctionNeed } from './compiled.ts';

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

  /** The word that stands for the function's ARN in the document. */
  placeholder(node: CallNode): string {
    return pascal(functionName(node.target));
  }

  #add(node: CallNode): void {
    const { target } = node;
    const name = functionName(target);
    const known = this.#needs.get(name);
    if (known && target.kind === 'task' && !isTaskOf(known, target)) {
      throw new WorkflowInvalid(
        `Two tasks would share the function '${name}': ${target.entry} (${target.handler}) and ${known.kind === 'task' ? `${known.entry} (${known.handler})` : `a model`}. ` +
          'Rename one of the files or handlers.',
      );
    }
    const server = serverOf(known);
    if (target.kind === 'model' && server !== undefined && server !== target.baseURL) {
      throw new WorkflowInvalid(
        `Two servers would share the function '${name}': ${server} and ${target.baseURL}. ` +
          'Their URLs differ in punctuation only; reach one of them by another host name or path.',
      );
    }
    const isSubmitted = target.kind === 'model' && target.lane === 'background';
    const timeoutSeconds = Math.max(
      known?.timeoutSeconds ?? 0,
      isSubmitted ? submitSeconds : node.timeoutSeconds + functionMargin,
    );
    const base = { placeholder: pascal(name), name, timeoutSeconds };
    if (target.kind === 'task') {
      this.#needs.set(name, {
        ...base,
        kind: 'task',
        entry: target.entry,
        handler: target.handler,
      });
    } else {
      const { provider, baseURL } = target;
      const before = known?.kind === 'model' ? (known.models ?? []) : [];
      const isGranted = providerNamed(provider, baseURL ?? undefined).auth === 'aws';
      this.#needs.set(name, {
        ...base,
        kind: isSubmitted ? 'submit' : 'model',
        provider,
        ...(baseURL === null ? {} : { baseURL }),
        ...(isGranted ? { models: mergedModels(before, modelsIn(node.payload)) } : {}),
      });
    }
  }
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

function isTaskOf(need: FunctionNeed, target: CallNode['target'] & { kind: 'task' }): boolean {
  return need.kind === 'task' && need.entry === target.entry && need.handler === target.handler;
}

/** 'model-openai', 'model-openai-submit'; 'task-search' for functions/search.ts; other folders and handlers are spelt out. */
function functionName(target: CallNode['target']): string {
  if (target.kind === 'model') {
    return `model-${target.provider}${target.lane === 'background' ? '-submit' : ''}`;
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
