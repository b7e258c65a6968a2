import { type Branches, BranchList, type BranchResult } from './branches.ts';
import { type Duration, longestWaitSeconds, seconds } from './duration.ts';
import type { Node } from './graph.ts';
import { checkOptions } from './options.ts';
import { Step } from './step.ts';
import type { Shape } from './symbolic-value.ts';
import { checkedConcurrency, type Tolerate, tolerance } from './tolerance.ts';
import type { Scope } from './trace.ts';

export interface GatherOptions {
  /**
   * asyncio's return_exceptions, in the shape of Promise.allSettled: every slot says how its branch
   * ended, and a failure stops nobody. Default false.
   */
  readonly returnExceptions?: boolean;
  /** As `returnExceptions`, but fails with GatherFailed where more slots than these are rejected. */
  readonly tolerate?: Tolerate;
  /** How many branches run at once, 1 to 40: asyncio's Semaphore. Default: all. */
  readonly concurrency?: number;
  /**
   * A deadline for the whole: a branch that is not done by then fails with Gather.Deadline. With
   * `returnExceptions` the slots of the others are kept. Default: none.
   */
  readonly timeout?: Duration;
  /** A limit for each branch, from its own start: it fails with States.Timeout. Default: none. */
  readonly branchTimeout?: Duration;
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

/** Whether the options make slots of the results. */
export type Settles<O> = O extends { readonly returnExceptions: true }
  ? true
  : O extends { readonly tolerate: Tolerate }
    ? true
    : false;

export type Gathered<B extends Branches, O> = {
  -readonly [K in keyof B]: Settles<O> extends true
    ? Settled<BranchResult<B[K]>>
    : BranchResult<B[K]>;
};

/**
 * Runs all branches at once and waits for all of them: asyncio.gather.
 *
 * - Result order: the order of the branches, whichever ends first. A tuple gives a tuple, a record a
 *   record; one slot per branch, never filtered.
 * - First failure: fails the gather with that branch's error. With `returnExceptions` nothing fails
 *   and every slot is `{ status: 'fulfilled', value }` or `{ status: 'rejected', reason }`. With
 *   `tolerate` the slots are counted when all are settled: more rejected ones fail it with
 *   GatherFailed, whose cause is the JSON list of the reasons.
 * - Siblings: on a failure the others are stopped and their model calls cancelled where the platform
 *   lets (asyncio lets them run on). With `returnExceptions` and `tolerate` each runs to its end.
 * - Deadline: `timeout` for the whole, `branchTimeout` for each branch; without, each step has its
 *   own `timeout`. A deadline holds for retries, waits and branches of several steps too. At the very
 *   moment of the deadline the branch that is done wins.
 * - Empty input: `gather([])` is `[]` and `gather({})` is `{}`, at once, without a state.
 * - Limits: all branches start at once, with `concurrency` at most 40. Results of any size: those that
 *   are larger than their share of 256 KiB (Step Functions) go by reference, unseen.
 *
 * Compiles to a Parallel state: one transition, and those of its branches. A rejected branch costs one
 * more, `tolerate` one (and one at the end of the workflow or of a branch), `concurrency` one per
 * branch, a deadline four per branch; a `branchTimeout` alone costs nothing where the branch is a
 * single task that is not retried, since its state has that limit itself.
 *
 * @throws WorkflowInvalid for a branch that is no step, or that awaits nothing
 */
export function gather<const B extends Branches, const O extends GatherOptions = GatherOptions>(
  branches: B,
  options?: O,
): GatherStep<Gathered<B, O>> {
  return new GatherStep(branches, options ?? {});
}

const known = [
  'returnExceptions',
  'tolerate',
  'concurrency',
  'timeout',
  'branchTimeout',
  'name',
] as const;

export class GatherStep<T> extends Step<T> {
  readonly #branches: BranchList;
  readonly #options: GatherOptions;

  constructor(branches: Branches, options: GatherOptions) {
    super('gather');
    checkOptions(options, known, 'gather(branches, options)');
    this.#options = options;
    this.#branches = new BranchList('gather', branches);
    if (options.concurrency !== undefined) checkedConcurrency(options.concurrency, 40, 'gather');
    if (options.name !== undefined) this.named(options.name);
  }

  override get title(): string {
    return `gather${this.name ? ` '${this.name}'` : ''}`;
  }

  protected override get shape(): Shape {
    const { keys, shape } = this.#branches;
    return shape === 'tuple' ? { tuple: keys.length } : { record: keys };
  }

  protected override get constant(): unknown {
    return this.#branches.shape === 'tuple' ? [] : {};
  }

  protected override async build(scope: Scope, id: number): Promise<Node | null> {
    const { returnExceptions = false, concurrency, timeout, branchTimeout } = this.#options;
    const tolerate = tolerance(this.#options.tolerate, 'gather');
    const limit = (duration?: Duration) =>
      duration === undefined ? null : seconds(duration, longestWaitSeconds);
    const limits = {
      timeoutSeconds: limit(timeout),
      branchTimeoutSeconds: limit(branchTimeout),
    };
    const branches = await this.#branches.trace(scope);
    if (branches.length === 0) return null;
    return {
      kind: 'gather',
      id,
      name: this.name,
      label: 'gather',
      shape: this.#branches.shape,
      branches,
      returnExceptions: returnExceptions || tolerate !== null,
      tolerate,
      concurrency: concurrency !== undefined && concurrency < branches.length ? concurrency : null,
      ...limits,
    };
  }
}
