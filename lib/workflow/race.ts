import { WorkflowInvalid } from '../errors.ts';
import { type Branches, BranchList, type BranchResult } from './branches.ts';
import { type Duration, longestWaitSeconds, seconds } from './duration.ts';
import type { Node, RaceNode } from './graph.ts';
import { checkOptions } from './options.ts';
import { Step } from './step.ts';
import type { Shape } from './symbolic-value.ts';
import type { Scope } from './trace.ts';

export interface RaceOptions {
  /** A deadline for the whole: it fails with Gather.Deadline. Default: none. */
  readonly timeout?: Duration;
  /** The name of the state. Default 'any' or 'race'. */
  readonly name?: string;
}

/** The branch that won. */
export interface Winner<Name, T> {
  /** Its key, or its index as text. */
  readonly name: Name;
  /** Its position, from 0. */
  readonly index: number;
  readonly value: T;
}

/** One kind of winner for each branch, so that `name` tells the type of `value`. */
export type WinnerOf<B extends Branches> = B extends readonly unknown[]
  ? Winner<string, BranchResult<B[number]>>
  : { [K in keyof B]: Winner<K, BranchResult<B[K]>> }[keyof B];

/**
 * Runs all branches at once; the first to settle decides: Promise.race, asyncio.wait with
 * FIRST_COMPLETED.
 *
 * - Result: `{ name, index, value }` of the branch that ended first.
 * - First failure: fails the race, where nothing has ended before it.
 * - Siblings: stopped once it is decided, their model calls cancelled where the platform lets.
 * - Deadline: `timeout`, which fails it with Gather.Deadline.
 * - Empty input: refused. (Promise.race([]) waits for ever.)
 * - Limits: the winner's value leaves through an error's cause. What a function makes larger than that
 *   can carry goes by reference, unseen; numbers keep 15 significant digits.
 *
 * Compiles to a Parallel state in which the winner ends in a Fail state, and the Parallel's Catch takes
 * the value from it: two transitions, and those of the branches as far as they come. A `timeout` costs
 * one more; the end of the workflow or of a branch one.
 *
 * @throws WorkflowInvalid
 */
export function race<const B extends Branches>(
  branches: B,
  options: RaceOptions = {},
): RaceStep<WinnerOf<B>> {
  return new RaceStep('settled', branches, options);
}

/** What `any` and `race` have in common. */
export class RaceStep<T> extends Step<T> {
  readonly #wins: RaceNode['wins'];
  readonly #branches: BranchList;
  readonly #options: RaceOptions;

  constructor(wins: RaceNode['wins'], branches: Branches, options: RaceOptions) {
    const word = wins === 'success' ? 'any' : 'race';
    super(word);
    this.#wins = wins;
    this.#options = options;
    checkOptions(options, ['timeout', 'name'], `${word}(branches, options)`);
    this.#branches = new BranchList(word, branches);
    if (this.#branches.keys.length === 0) {
      throw new WorkflowInvalid(
        `${word} has no branches, so that nothing could ever win. Give it one at least.`,
      );
    }
    if (options.name !== undefined) this.named(options.name);
  }

  get #word(): string {
    return this.#wins === 'success' ? 'any' : 'race';
  }

  override get title(): string {
    return `${this.#word}${this.name ? ` '${this.name}'` : ''}`;
  }

  protected override get shape(): Shape {
    return 'unknown';
  }

  protected override async build(scope: Scope, id: number): Promise<Node> {
    const { timeout } = this.#options;
    const branches = await this.#branches.trace(scope);
    return {
      kind: 'race',
      id,
      name: this.name,
      label: this.#word,
      wins: this.#wins,
      branches,
      timeoutSeconds: timeout === undefined ? null : seconds(timeout, longestWaitSeconds),
    };
  }
}
