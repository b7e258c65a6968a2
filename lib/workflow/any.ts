import type { Branches } from './branches.ts';
import { type RaceOptions, RaceStep, type WinnerOf } from './race.ts';

/**
 * Runs all branches at once; the first success wins: Promise.any.
 *
 * - Result: `{ name, index, value }` of the branch that succeeded first.
 * - First failure: is kept, and the others go on. When all have failed, it fails with GatherFailed,
 *   whose cause is the JSON list of the reasons, in the order of the branches.
 * - Siblings: stopped once one has won, their model calls cancelled where the platform lets.
 * - Deadline: `timeout`, which fails it with Gather.Deadline.
 * - Empty input: refused. (Promise.any([]) rejects.)
 * - Limits: the winner's value leaves through an error's cause. What a function makes larger than that
 *   can carry goes by reference, unseen; numbers keep 15 significant digits.
 *
 * Compiles to a Parallel state in which the winner ends in a Fail state, and the Parallel's Catch takes
 * the value from it: two transitions, and those of the branches as far as they come; a branch that
 * fails costs one more, a `timeout` three, the end of the workflow or of a branch one.
 *
 * @throws WorkflowInvalid
 */
export function any<const B extends Branches>(
  branches: B,
  options: RaceOptions = {},
): RaceStep<WinnerOf<B>> {
  return new RaceStep('success', branches, options);
}
