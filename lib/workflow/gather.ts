import { WorkflowInvalid } from '../errors.ts';
import type { Branch as BranchGraph, Node } from './graph.ts';
import { checkedName } from './name.ts';
import { checkOptions } from './options.ts';
import { Step } from './step.ts';
import type { Concrete } from './symbolic.ts';
import type { Shape } from './symbolic-value.ts';
import { runInScope, Scope } from './trace.ts';
import { toValue } from './value.ts';

/** A branch: one step, or an async function of several. */
export type Branch = Step<unknown> | (() => Promise<unknown>);

export type Branches = readonly Branch[] | { readonly [name: string]: Branch };

/** The data that a branch gives. */
export type BranchResult<B> =
  B extends Step<infer T> ? T : B extends () => Promise<infer V> ? Concrete<V> : never;

export interface GatherOptions {
  /**
   * asyncio's return_exceptions, in the shape of Promise.allSettled: every slot says how its branch
   * ended, and a failure stops nobody. Default false.
   */
  readonly returnExceptions?: boolean;
  /** The name of the gather's state. Default 'gather'. */
  readonly name?: string;
}

/** Why a branch was rejected. */
export interface Rejection {
  /** The error's name: 'Model.RateLimited', 'States.Timeout', a handler's `error.name`. */
  readonly error: string;
  /** The error's message, or ''. */
  readonly cause: string;
  /** The branch: its key, or its index as text. */
  readonly name: string;
  /** The branch's position, from 0. */
  readonly index: number;
}

/** How one branch ended, as Promise.allSettled tells it. */
export type Settled<T> =
  | { readonly status: 'fulfilled'; readonly value: T }
  | { readonly status: 'rejected'; readonly reason: Rejection };

export type Gathered<B extends Branches, O> = {
  -readonly [K in keyof B]: O extends { readonly returnExceptions: true }
    ? Settled<BranchResult<B[K]>>
    : BranchResult<B[K]>;
};

/**
 * Runs all branches at once and waits for all of them: asyncio.gather.
 *
 * - Result order: the order of the branches, whichever ends first. A tuple gives a tuple, a record a
 *   record; one slot per branch, never filtered.
 * - First failure: fails the gather with that branch's error. With `returnExceptions` nothing fails
 *   and every slot is `{ status: 'fulfilled', value }` or `{ status: 'rejected', reason }`.
 * - Siblings: on a failure the others are stopped and their model calls cancelled where the platform
 *   lets (asyncio lets them run on). With `returnExceptions` each runs to its end.
 * - Deadline: none of its own; each step has its `timeout`.
 * - Empty input: `gather([])` is `[]` and `gather({})` is `{}`, at once, without a state.
 * - Limits: all branches start at once; their joined results stay under 256 KiB (Step Functions).
 *
 * Compiles to a Parallel state: one state transition, and those of its branches. A rejected branch
 * costs one more.
 *
 * @throws WorkflowInvalid for a branch that is no step, or that awaits nothing
 */
export function gather<const B extends Branches, const O extends GatherOptions = GatherOptions>(
  branches: B,
  options?: O,
): GatherStep<Gathered<B, O>> {
  return new GatherStep(branches, options ?? {});
}

export class GatherStep<T> extends Step<T> {
  readonly #branches: readonly (readonly [string, Branch])[];
  readonly #kind: 'tuple' | 'record';
  readonly #options: GatherOptions;

  constructor(branches: Branches, options: GatherOptions) {
    super('gather');
    checkOptions(options, ['returnExceptions', 'name'], 'gather(branches, options)');
    this.#options = options;
    this.#kind = Array.isArray(branches) ? 'tuple' : 'record';
    if (typeof branches !== 'object' || branches === null || branches instanceof Step) {
      throw new WorkflowInvalid(
        `gather takes a list or a record of branches, and got ${branches === null ? 'null' : branches instanceof Step ? 'a single step' : `a ${typeof branches}`}. ` +
          'Write gather([a, b]) or gather({ a, b }), where a and b are steps or async functions.',
      );
    }
    this.#branches = Object.entries(branches);
    for (const [key, branch] of this.#branches) {
      if (branch instanceof Step || typeof branch === 'function') continue;
      throw new WorkflowInvalid(
        `Branch '${key}' of gather is ${branch === null ? 'null' : `a ${typeof branch}`}. ` +
          'A branch is a step that is not awaited yet (ask({ ... })), or an async function that awaits some.',
      );
    }
    if (options.name !== undefined) this.named(options.name);
  }

  override get title(): string {
    return `gather${this.name ? ` '${this.name}'` : ''}`;
  }

  protected override get shape(): Shape {
    return this.#kind === 'tuple'
      ? { tuple: this.#branches.length }
      : { record: this.#branches.map(([key]) => key) };
  }

  protected override get constant(): unknown {
    return this.#kind === 'tuple' ? [] : {};
  }

  protected override async build(scope: Scope, id: number): Promise<Node | null> {
    if (this.#branches.length === 0) return null;
    const branches: BranchGraph[] = [];
    for (const [key, branch] of this.#branches) {
      branches.push(await traceBranch(key, branch, new Scope(scope.trace, scope), this.#kind));
    }
    return {
      kind: 'gather',
      id,
      name: this.name,
      label: 'gather',
      shape: this.#kind,
      branches,
      returnExceptions: this.#options.returnExceptions ?? false,
    };
  }
}

/** Traces one branch in a scope of its own, so that its steps are not the body's. */
async function traceBranch(
  key: string,
  branch: Branch,
  scope: Scope,
  kind: 'tuple' | 'record',
): Promise<BranchGraph> {
  const { trace } = scope;
  return runInScope(scope, async () => {
    if (branch instanceof Step) {
      if (kind === 'record' && branch.name === null) branch.named(checkedName(key));
      branch.claim(`a branch of gather ('${key}')`);
      const { reference, constant } = await branch.record(scope);
      const output = reference ?? toValue(constant, trace, `branch '${key}'`);
      return { key, body: { nodes: scope.nodes, output } };
    }
    const result: unknown = await branch();
    if (scope.nodes.length === 0) {
      throw new WorkflowInvalid(
        `Branch '${key}' of gather in workflow '${trace.workflow}' awaits nothing, so there is nothing to run. ` +
          'Await a step in it, or put the value where it is used.',
      );
    }
    const output = toValue(result ?? null, trace, `the result of branch '${key}'`);
    return { key, body: { nodes: scope.nodes, output } };
  });
}
