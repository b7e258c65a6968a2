import { WorkflowInvalid } from '../errors.ts';
import type { Settled, Settles } from './gather.ts';
import type { Node } from './graph.ts';
import { checkOptions } from './options.ts';
import { given, type Outcome, traceSequence } from './sequence.ts';
import { inParentheses } from './source-line.ts';
import { Step } from './step.ts';
import type { Concrete, Symbolic } from './symbolic.ts';
import { type Shape, symbolicInfo } from './symbolic-value.ts';
import { checkedConcurrency, type Tolerate, tolerance } from './tolerance.ts';
import { Scope } from './trace.ts';
import { toValue } from './value.ts';

export interface EachOptions {
  /** Every slot says how its item ended, and a failure stops nobody. Default false. */
  readonly returnExceptions?: boolean;
  /** As `returnExceptions`, but fails with GatherFailed where more slots than these are rejected. */
  readonly tolerate?: Tolerate;
  /**
   * How many items at once, 1 to 10,000. Default 40. Over 40 the items run in executions of their own
   * (a Distributed Map).
   */
  readonly concurrency?: number;
  /** Runs the items in executions of their own, whatever their number. Default: over 40 at once. */
  readonly distributed?: boolean;
  /** The name of the state. Default 'each'. */
  readonly name?: string;
}

/** The type of a list's elements, whether the list is symbolic or not. */
type ElementOf<I> = Concrete<I> extends readonly (infer T)[] ? T : never;

/** The width of an inline Map (AWS docs: "Inline mode": up to 40 concurrent iterations). */
const inlineConcurrency = 40;

/**
 * Runs a body for each item of a list whose length only a run knows: gather of a comprehension.
 *
 * - Result order: the order of the items, whichever ends first; one slot per item, never filtered.
 * - First failure: fails it with that item's error. (In a Distributed Map: with
 *   States.ExceedToleratedFailureThreshold, as Step Functions has it.) With `returnExceptions` nothing
 *   fails and every slot says how it ended; with `tolerate` they are counted when all are settled.
 * - Siblings: on a failure the others are stopped. With `returnExceptions` and `tolerate` each runs to
 *   its end.
 * - Deadline: none of its own; each step has its `timeout`.
 * - Empty input: `[]`. A list that is known to be empty costs no state.
 * - Limits: items and joined results stay under 256 KiB each (Step Functions); 40 at once, or 10,000
 *   in a Distributed Map. An inline Map shares the run's 25,000 history events; a Distributed Map gives
 *   each item an execution of its own, which sees only what is passed: what the body reads from outside
 *   is passed along unseen.
 *
 * Compiles to a Map state: one transition, and those of the body for each item. A rejected item costs
 * one more, `tolerate` one.
 *
 * @throws WorkflowInvalid
 */
export function each<const I, B, const O extends EachOptions = EachOptions>(
  items: I,
  body: (item: Symbolic<ElementOf<I>>, index: Symbolic<number>) => B,
  options?: O,
): EachStep<(Settles<O> extends true ? Settled<Outcome<() => B>> : Outcome<() => B>)[]> {
  return new EachStep(items, body as ItemBody, options ?? {});
}

type ItemBody = (item: unknown, index: unknown) => unknown;

const known = ['returnExceptions', 'tolerate', 'concurrency', 'distributed', 'name'] as const;

export class EachStep<T> extends Step<T> {
  readonly #items: unknown;
  readonly #body: ItemBody;
  readonly #options: EachOptions;

  constructor(items: unknown, body: ItemBody, options: EachOptions) {
    super('each');
    checkOptions(options, known, 'each(items, body, options)');
    if ((!Array.isArray(items) && !symbolicInfo(items)) || typeof body !== 'function') {
      throw new WorkflowInvalid(
        `each takes a list and a function, and got ${items === null ? 'null' : `a ${typeof items}`} and a ${typeof body}. ` +
          'Write each(plan.queries, (query) => search({ query })).',
      );
    }
    const { concurrency = inlineConcurrency, distributed, name } = options;
    checkedConcurrency(concurrency, distributed === false ? inlineConcurrency : 10_000, 'each');
    this.#items = items;
    this.#body = body;
    this.#options = options;
    if (name !== undefined) this.named(name);
  }

  override get title(): string {
    return `each${this.name ? ` '${this.name}'` : ''}`;
  }

  protected override get shape(): Shape {
    return 'unknown';
  }

  protected override get constant(): unknown {
    return [];
  }

  protected override async build(scope: Scope, id: number): Promise<Node | null> {
    const { trace } = scope;
    const items = toValue(this.#items, trace, 'the items of each');
    this.checkReadable(items, scope);
    const inside = new Scope(trace, scope);
    const item = given(inside, 'item');
    const index = given(inside, 'index');
    const run = () => this.#body(item.value, index.value);
    const body = await traceSequence(run, inside, 'the body of each');
    if (!inside.awaited) {
      throw new WorkflowInvalid(
        `The body of each in workflow '${trace.workflow}'${inParentheses(this.position)} awaits nothing, so there is nothing to run. Await a step in it, or compute the list with jsonata.`,
        { position: this.position },
      );
    }
    if (Array.isArray(this.#items) && this.#items.length === 0) return null;
    const tolerate = tolerance(this.#options.tolerate, 'each');
    const { returnExceptions = false, concurrency = inlineConcurrency } = this.#options;
    const distributed = this.#options.distributed ?? concurrency > inlineConcurrency;
    return {
      kind: 'each',
      id,
      name: this.name,
      label: 'each',
      items,
      item: item.id,
      index: index.id,
      body,
      returnExceptions: returnExceptions || tolerate !== null,
      tolerate,
      concurrency,
      distributed,
    };
  }
}
