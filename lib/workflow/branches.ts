import { WorkflowInvalid } from '../errors.ts';
import type { Branch as BranchGraph } from './graph.ts';
import { checkedName } from './name.ts';
import { traceSequence } from './sequence.ts';
import { inParentheses } from './source-line.ts';
import { Step } from './step.ts';
import type { Concrete } from './symbolic.ts';
import { Scope, whereabouts } from './trace.ts';

/** A branch: one step, or an async function of several. */
export type Branch = Step<unknown> | (() => Promise<unknown>);

export type Branches = readonly Branch[] | { readonly [name: string]: Branch };

/** The data that a branch gives. */
export type BranchResult<B> =
  B extends Step<infer T> ? T : B extends () => Promise<infer V> ? Concrete<V> : never;

/** The branches of one word (`gather`, `any`, `race`), checked, with their keys. */
export class BranchList {
  readonly #word: string;
  readonly #entries: readonly (readonly [string, Branch])[];
  readonly shape: 'tuple' | 'record';

  /** @throws WorkflowInvalid for what is no branch */
  constructor(word: string, branches: Branches) {
    this.#word = word;
    this.shape = Array.isArray(branches) ? 'tuple' : 'record';
    if (typeof branches !== 'object' || branches === null || branches instanceof Step) {
      throw new WorkflowInvalid(
        `${word} takes a list or a record of branches, and got ${branches === null ? 'null' : branches instanceof Step ? 'a single step' : `a ${typeof branches}`}. ` +
          `Write ${word}([a, b]) or ${word}({ a, b }), where a and b are steps or async functions.`,
      );
    }
    this.#entries = Object.entries(branches);
    for (const [key, branch] of this.#entries) {
      if (branch instanceof Step || typeof branch === 'function') continue;
      throw new WorkflowInvalid(
        `Branch '${key}' of ${word} is ${branch === null ? 'null' : `a ${typeof branch}`}. ` +
          'A branch is a step that is not awaited yet (ask({ ... })), or an async function that awaits some.',
      );
    }
  }

  get keys(): readonly string[] {
    return this.#entries.map(([key]) => key);
  }

  /** Traces each branch in a scope of its own, one after the other, in order. */
  async trace(around: Scope): Promise<readonly BranchGraph[]> {
    const traced: BranchGraph[] = [];
    for (const [key, branch] of this.#entries) {
      const scope = new Scope(around.trace, around);
      const isStep = branch instanceof Step;
      if (isStep && this.shape === 'record' && branch.name === null) branch.named(checkedName(key));
      const place = `branch '${key}' of ${this.#word}`;
      const body = await traceSequence(branch, scope, place);
      if (!scope.awaited) {
        const position = whereabouts();
        throw new WorkflowInvalid(
          `Branch '${key}' of ${this.#word} in workflow '${around.trace.workflow}'${inParentheses(position)} awaits nothing, so there is nothing to run. ` +
            'Await a step in it, or put the value where it is used.',
          { position },
        );
      }
      traced.push({ key, body });
    }
    return traced;
  }
}
