import { WorkflowInvalid } from '../errors.ts';
import type { Settled, Settles } from './gather.ts';
import { type Batch, type EachNode, type Node, nothing, type Value } from './graph.ts';
import { checkOptions } from './options.ts';
import { S3Items } from './s3-items.ts';
import { type S3Results, S3Target } from './s3-results.ts';
import { given, type Outcome, traceSequence } from './sequence.ts';
import { inParentheses } from './source-line.ts';
import { Step } from './step.ts';
import type { Concrete, Symbolic } from './symbolic.ts';
import { type Shape, symbolicInfo } from './symbolic-value.ts';
import { checkedConcurrency, type Tolerate, tolerance } from './tolerance.ts';
import { Scope, type Trace } from './trace.ts';
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
  /**
   * Puts items together: the body receives a list of them, and gives one result for the list. At least
   * one of the two; `maxItems` alone may be written as the number. The last batch has what is left.
   */
  readonly batch?: number | BatchOptions;
  /**
   * Writes the results to S3: the step gives where they are (S3Results), which `fromS3` reads.
   * Default: the results are what the step gives.
   */
  readonly writeTo?: S3Target;
  /** The name of the state. Default 'each'. */
  readonly name?: string;
}

export interface BatchOptions {
  /** How many items a batch has at most. */
  readonly maxItems?: number;
  /** How many bytes of JSON a batch has at most, up to 262,144. An item over it is a batch by itself. */
  readonly maxBytes?: number;
}

/** The type of a list's elements, whether the list is symbolic, in S3, or neither. */
type ElementOf<I> =
  I extends S3Items<infer T> ? T : Concrete<I> extends readonly (infer T)[] ? T : never;

type Batches<O> = O extends { readonly batch: number | BatchOptions } ? true : false;
type Writes<O> = O extends { readonly writeTo: S3Target } ? true : false;

/** What the body receives: an item, or a batch of them. */
type Received<I, O> = Batches<O> extends true ? readonly ElementOf<I>[] : ElementOf<I>;

/** A slot of what the body gave. In S3, `tolerate` leaves the failed ones out and makes no slots. */
type SlotOf<T, O> =
  Writes<O> extends true
    ? O extends { readonly returnExceptions: true }
      ? Settled<T>
      : T
    : Settles<O> extends true
      ? Settled<T>
      : T;

type EachResult<T, O> = Writes<O> extends true ? S3Results<SlotOf<T, O>> : SlotOf<T, O>[];

/** The width of an inline Map (AWS docs: "Inline mode": up to 40 concurrent iterations). */
const inlineConcurrency = 40;

/**
 * Runs a body for each item of a list whose length only a run knows: gather of a comprehension.
 *
 * - Result order: the order of the items, whichever ends first; one slot per item, never filtered.
 *   With `batch` one slot per batch, in the order of the batches; with `writeTo` S3Results, in whose
 *   files AWS promises no order: give the index with the value where it counts.
 * - First failure: fails it with that item's error. (In a Distributed Map: with
 *   States.ExceedToleratedFailureThreshold, as Step Functions has it.) With `returnExceptions` nothing
 *   fails and every slot says how it ended; with `tolerate` they are counted when all are settled.
 *   With `writeTo`, `tolerate` is Step Functions' own (ToleratedFailureCount and -Percentage): it fails
 *   as soon as one item too many has, and the failed ones are in the manifest, not among the results.
 * - Siblings: on a failure the others are stopped. With `returnExceptions` and `tolerate` each runs to
 *   its end.
 * - Deadline: none of its own; each step has its `timeout`.
 * - Empty input: `[]`. A list that is known to be empty costs no state.
 * - Limits: items and joined results stay under 256 KiB each (Step Functions), unless the items are
 *   `fromS3` and the results go `toS3`; 40 at once, or 10,000 in a Distributed Map. An inline Map shares the run's 25,000 history events; a Distributed Map gives
 *   each item an execution of its own, which sees only what is passed: what the body reads from outside
 *   is passed along unseen.
 *
 * Compiles to a Map state: one transition, and those of the body for each item. A rejected item costs
 * one more, `tolerate` one (with `writeTo` none). Items in S3, `batch` and `writeTo` make it a
 * Distributed Map, and cost nothing.
 *
 * @throws WorkflowInvalid
 */
export function each<const I, B, const O extends EachOptions = EachOptions>(
  items: I,
  body: (
    item: Symbolic<Received<I, O>>,
    index: Batches<O> extends true ? undefined : Symbolic<number>,
  ) => B,
  options?: O,
): EachStep<EachResult<Outcome<() => B>, O>> {
  return new EachStep(items, body as ItemBody, options ?? {});
}

type ItemBody = (item: unknown, index: unknown) => unknown;

const known = [
  'returnExceptions',
  'tolerate',
  'concurrency',
  'distributed',
  'batch',
  'writeTo',
  'name',
] as const;

export class EachStep<T> extends Step<T> {
  readonly #items: unknown;
  readonly #body: ItemBody;
  readonly #options: EachOptions;

  constructor(items: unknown, body: ItemBody, options: EachOptions) {
    super('each');
    checkOptions(options, known, 'each(items, body, options)');
    const isList = Array.isArray(items) || symbolicInfo(items) || items instanceof S3Items;
    if (!isList || typeof body !== 'function') {
      throw new WorkflowInvalid(
        `each takes a list and a function, and got ${items === null ? 'null' : `a ${typeof items}`} and a ${typeof body}. ` +
          'Write each(plan.queries, (query) => search({ query })).',
      );
    }
    checkMode(items, options);
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
    const { source, values } = this.#source(trace);
    for (const value of values) this.checkReadable(value, scope);
    const inside = new Scope(trace, scope);
    const item = given(inside, 'item');
    const index = given(inside, 'index');
    const batch = batchOf(this.#options.batch);
    const { returnExceptions = false, concurrency = inlineConcurrency } = this.#options;
    const isLarge = source.reader !== null || source.writer !== null || batch !== null;
    const distributed = this.#options.distributed ?? (isLarge || concurrency > inlineConcurrency);
    inside.turn = distributed ? null : index.id;
    inside.isIsolated = distributed;
    const run = () => this.#body(item.value, batch ? undefined : index.value);
    const body = await traceSequence(run, inside, 'the body of each');
    if (!inside.awaited) {
      throw new WorkflowInvalid(
        `The body of each in workflow '${trace.workflow}'${inParentheses(this.position)} awaits nothing, so there is nothing to run. Await a step in it, or compute the list with jsonata.`,
        { position: this.position },
      );
    }
    const isEmpty = Array.isArray(this.#items) && this.#items.length === 0;
    if (isEmpty && !source.writer) return null;
    const tolerate = tolerance(this.#options.tolerate, 'each');
    return {
      kind: 'each',
      id,
      name: this.name,
      label: 'each',
      ...source,
      batch,
      item: item.id,
      index: index.id,
      body,
      returnExceptions: returnExceptions || (tolerate !== null && !source.writer),
      tolerate,
      concurrency,
      distributed,
    };
  }

  /** Where the items come from and the results go, and every value that says so. */
  #source(trace: Trace): {
    readonly source: Pick<EachNode, 'items' | 'reader' | 'writer'>;
    readonly values: readonly Value[];
  } {
    const isInS3 = this.#items instanceof S3Items;
    const reader = this.#items instanceof S3Items ? this.#items.reader(trace) : null;
    const writer = this.#options.writeTo?.writer(trace) ?? null;
    const items = isInS3 ? null : toValue(this.#items, trace, 'the items of each');
    const { bucket, key, version, prefix, maxItems } = reader ?? {};
    const all = [items, bucket, key, version, prefix, maxItems, writer?.bucket, writer?.prefix];
    return {
      source: { items, reader, writer },
      values: all.map((value) => value ?? nothing),
    };
  }
}

/** What only a Distributed Map can do, and what it cannot. @throws WorkflowInvalid */
function checkMode(items: unknown, options: EachOptions): void {
  const { batch, distributed, returnExceptions, tolerate, writeTo } = options;
  if (writeTo !== undefined && !(writeTo instanceof S3Target)) {
    throw new WorkflowInvalid(
      `The writeTo of each is a ${typeof writeTo}. Write { writeTo: toS3({ bucket, prefix }) }.`,
    );
  }
  const needs = [
    items instanceof S3Items && 'items in S3',
    batch !== undefined && 'batches',
    writeTo !== undefined && 'results in S3',
  ].filter((need) => need !== false);
  if (distributed === false && needs.length > 0) {
    throw new WorkflowInvalid(
      `each with distributed: false cannot have ${needs.join(' or ')}: Step Functions has them in a Distributed Map only. Leave 'distributed' out.`,
    );
  }
  if (!writeTo || tolerate === undefined) return;
  if (returnExceptions) {
    throw new WorkflowInvalid(
      'each has writeTo, returnExceptions and tolerate. With returnExceptions no item fails, so that none can be counted in S3: leave one of the two out.',
    );
  }
  if (batch !== undefined) {
    throw new WorkflowInvalid(
      'each has writeTo, batch and tolerate. Step Functions counts the items of a batch that failed, not the batches: leave one of the three out, or take returnExceptions.',
    );
  }
}

/** AWS: an input has at most 256 KiB. */
const maxBatchBytes = 256 * 1024;

/** @throws WorkflowInvalid */
function batchOf(option: EachOptions['batch']): Batch | null {
  if (option === undefined) return null;
  const { maxItems, maxBytes, ...rest } =
    typeof option === 'number' ? { maxItems: option } : (option as BatchOptions);
  checkOptions(rest, [], 'each(items, body, { batch })');
  const isCount = (value: number | undefined, most: number) =>
    value === undefined || (Number.isInteger(value) && value >= 1 && value <= most);
  const some = maxItems !== undefined || maxBytes !== undefined;
  if (some && isCount(maxItems, 100_000_000) && isCount(maxBytes, maxBatchBytes)) {
    return { maxItems: maxItems ?? null, maxBytes: maxBytes ?? null };
  }
  throw new WorkflowInvalid(
    `each has the batch ${JSON.stringify(option)}. Write whole numbers from 1: { batch: { maxItems: 10 } }, or maxBytes up to ${maxBatchBytes}.`,
  );
}
