import { AsyncLocalStorage } from 'node:async_hooks';
import { type SourcePosition, StepNeverAwaited } from '../errors.ts';
import type { Node, Reference, Value } from './graph.ts';
import { inParentheses, sourcePosition } from './source-line.ts';
import { partOf } from './substitute.ts';

/** A step as the trace keeps it: enough to say which one was forgotten, and where it was made. */
export interface TracedStep {
  /** "model call 'gpt-5-mini'" */
  readonly title: string;
  /** Where it was made. */
  readonly position: SourcePosition | null;
  readonly used: boolean;
}

/** One run of one workflow's body, with symbolic values. */
export class Trace {
  readonly workflow: string;
  /** Where `workflow` was called. */
  readonly position: SourcePosition | null = sourcePosition();
  readonly steps: TracedStep[] = [];
  /** The workflows that are started as executions of their own, by their names. */
  readonly called = new Map<string, unknown>();
  /** The first misuse that was seen, kept in case that the body swallows its error. */
  problem: Error | undefined;
  readonly #scopeOfNode = new Map<number, Scope>();
  readonly #bound = new Map<number, Value>();
  #nodes = 0;

  constructor(workflow: string) {
    this.workflow = workflow;
  }

  nextNodeId(): number {
    this.#nodes += 1;
    return this.#nodes;
  }

  add(node: Node, scope: Scope): void {
    scope.nodes.push(node);
    this.#scopeOfNode.set(node.id, scope);
  }

  /** An id for a value that a scope is given: an item, a failure, a turn. */
  declare(scope: Scope): number {
    const id = this.nextNodeId();
    this.#scopeOfNode.set(id, scope);
    return id;
  }

  /** An id that stands for a value known here: the input of a workflow that is called. */
  bind(value: Value): number {
    const id = this.nextNodeId();
    this.#bound.set(id, value);
    return id;
  }

  /** The value itself, where its id stands for another one. */
  resolved(value: Value): Value {
    const bound = value.kind === 'result' ? this.#bound.get(value.node) : undefined;
    return bound && value.kind === 'result' ? partOf(bound, value.path) : value;
  }

  /** Whether a state in `scope` can read it: its own scope or one around it, never a sibling's. */
  canRead(reference: Reference, scope: Scope): boolean {
    if (reference.kind === 'input') return true;
    const home = this.#scopeOfNode.get(reference.node);
    for (let at: Scope | undefined = scope; at; at = at.parent) if (at === home) return true;
    return false;
  }

  /** @throws StepNeverAwaited */
  checkAllUsed(): void {
    const forgotten = this.steps.filter((step) => !step.used);
    const [first] = forgotten;
    if (!first) return;
    const where = forgotten
      .map((step) => `${step.title}${inParentheses(step.position)}`)
      .join(', ');
    throw new StepNeverAwaited(
      `Workflow '${this.workflow}' makes ${forgotten.length === 1 ? 'a step' : 'steps'} that it never awaits: ${where}. ` +
        'A step is lazy: nothing runs until it is awaited. Write `await` before it, pass it to `gather`, or delete it.',
      forgotten.flatMap(({ position }) => position ?? []),
    );
  }
}

/** Nodes that run one after the other: the body, or one branch. */
export class Scope {
  readonly trace: Trace;
  readonly parent: Scope | undefined;
  readonly nodes: Node[] = [];
  /** The id of the position that tells one run of these nodes from another: an index, a turn. */
  turn: number | null = null;
  /** Whether the nodes run in an execution of their own. */
  isIsolated = false;
  /** Whether a step was awaited in it, be it one that costs no state. */
  awaited = false;
  /** The step whose `await` has begun and whose continuation has not run. */
  awaiting: TracedStep | undefined;

  constructor(trace: Trace, parent?: Scope) {
    this.trace = trace;
    this.parent = parent;
  }
}

const storage = new AsyncLocalStorage<Scope>();

/** The scope of the code that is running, or undefined outside a workflow's body. */
export function currentScope(): Scope | undefined {
  return storage.getStore();
}

export function runInScope<T>(scope: Scope, body: () => T): T {
  return storage.run(scope, body);
}

/**
 * Where the user's code is that is being traced. After an `await` the stack has no line of the user:
 * then it is the line of the step that is being recorded, or else of the workflow's definition.
 */
export function whereabouts(trace = currentScope()?.trace): SourcePosition | null {
  const here = sourcePosition();
  if (here) return here;
  for (let at = currentScope(); at; at = at.parent) if (at.awaiting) return at.awaiting.position;
  return trace?.position ?? null;
}
