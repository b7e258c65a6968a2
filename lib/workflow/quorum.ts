import { WorkflowInvalid } from '../errors.ts';
import { type Branches, BranchList, type BranchResult } from './branches.ts';
import { type Duration, longestWaitSeconds, seconds } from './duration.ts';
import type { Settled } from './gather.ts';
import type { Node } from './graph.ts';
import { checkOptions } from './options.ts';
import { Step } from './step.ts';
import type { Shape } from './symbolic-value.ts';
import type { Scope } from './trace.ts';

export interface QuorumOptions {
  /** A deadline for the whole: it fails with Gather.Deadline. Default: none. */
  readonly timeout?: Duration;
  /** A limit for each branch: it fails with States.Timeout, and counts as failed. Default: none. */
  readonly branchTimeout?: Duration;
  /** The name of the quorum's state. Default 'quorum'. */
  readonly name?: string;
}

/** A slot for each branch. */
export type Quorate<B extends Branches> = {
  -readonly [K in keyof B]: Settled<BranchResult<B[K]>>;
};

/**
 * Runs all branches at once and goes on as soon as `k` of them have succeeded: Ray's `wait` with
 * `num_returns`, for successes.
 *
 * - Result: one slot per branch, in the order of the branches, as `gather` with `returnExceptions`
 *   gives them: `k` are `{ status: 'fulfilled', value }`, those of the branches that failed before are
 *   `{ status: 'rejected', reason }`, and those that were stopped are rejected with Gather.Stopped.
 * - First failure: is kept, and the others go on. As soon as `k` successes cannot be reached any more
 *   it fails with GatherFailed, whose cause is the JSON list of the reasons, in the order of the branches.
 * - Siblings: stopped once the quorum is met or out of reach, their model calls cancelled where the
 *   platform lets.
 * - Deadline: `timeout`, which fails it with Gather.Deadline, `branchTimeout` for each branch.
 * - Empty input: refused, as is a `k` below 1 or above the number of branches.
 * - Limits: all branches start at once. The slots travel through one item of a DynamoDB table, so they
 *   have at most 256 KiB together (its limit is 400 KB, that of the state that reads it 256 KiB). Numbers
 *   keep 15 significant digits. With `branchTimeout`, a result has at most 32,000 characters of JSON.
 *
 * Compiles to a Parallel state in which each branch that ends counts itself in the table, by one
 * conditional update that can be repeated; the one that decides ends the Parallel through a Fail. A
 * quorum costs k + 4 transitions, and those of the branches as far as they come (k + 3 for k = 1); a
 * branch that fails costs one more, a `timeout` one. Where all are needed nobody counts: a Parallel.
 *
 * @throws WorkflowInvalid
 */
export function quorum<const B extends Branches>(
  k: number,
  branches: B,
  options: QuorumOptions = {},
): QuorumStep<Quorate<B>> {
  return new QuorumStep(k, branches, options);
}

export class QuorumStep<T> extends Step<T> {
  readonly #needed: number;
  readonly #branches: BranchList;
  readonly #options: QuorumOptions;

  constructor(k: number, branches: Branches, options: QuorumOptions) {
    super('quorum');
    const known = ['timeout', 'branchTimeout', 'name'];
    checkOptions(options, known, 'quorum(k, branches, options)');
    this.#options = options;
    this.#branches = new BranchList('quorum', branches);
    this.#needed = checkedQuorum(k, this.#branches.keys.length);
    if (options.name !== undefined) this.named(options.name);
  }

  override get title(): string {
    return `quorum${this.name ? ` '${this.name}'` : ''}`;
  }

  protected override get shape(): Shape {
    const { keys, shape } = this.#branches;
    return shape === 'tuple' ? { tuple: keys.length } : { record: keys };
  }

  protected override async build(scope: Scope, id: number): Promise<Node> {
    const { timeout, branchTimeout } = this.#options;
    const limit = (duration?: Duration) =>
      duration === undefined ? null : seconds(duration, longestWaitSeconds);
    const limits = { timeoutSeconds: limit(timeout), branchTimeoutSeconds: limit(branchTimeout) };
    return {
      kind: 'quorum',
      id,
      name: this.name,
      label: 'quorum',
      shape: this.#branches.shape,
      branches: await this.#branches.trace(scope),
      needed: this.#needed,
      ...limits,
    };
  }
}

function checkedQuorum(k: number, branches: number): number {
  if (Number.isInteger(k) && k >= 1 && k <= branches) return k;
  if (branches === 0) {
    throw new WorkflowInvalid(
      'quorum has no branches, so that nothing could ever be reached. Give it one at least.',
    );
  }
  throw new WorkflowInvalid(
    `quorum is to wait for ${String(k)} of ${branches} branches. Write a whole number from 1 to ${branches}: quorum(${Math.ceil((branches + 1) / 2)}, branches) is a majority.`,
  );
}
