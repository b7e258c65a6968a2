import type { Json, JsonObject } from '../../json.ts';
import type { MapItem } from '../context-object.ts';
import { usesContext } from '../data-flow.ts';
import { StateFailure } from '../failure.ts';
import { compileInputPath, compileNumber, type Field, typedExpression } from '../field.ts';
import type { PastVisit } from '../history/past.ts';
import { compileJsonataTemplate, type JsonataTemplate } from '../jsonata/template.ts';
import { compilePayloadTemplate, type PayloadTemplate } from '../jsonpath/payload-template.ts';
import { compileTolerance, type Tolerance } from '../map-run/tolerance.ts';
import { Payload } from '../payload.ts';
import { Strand, type StrandHost, type Wait } from '../strand.ts';
import { resultTooLarge } from '../task/resource.ts';
import { HandledState } from './handled-state.ts';
import type { CompileContext, Failure, Program, StateDefinition } from './state.ts';

/** AWS: an inline Map runs at most 40 iterations at a time. */
const INLINE_CONCURRENCY = 40;

/** Prepares, for one attempt at the Map, what makes an iteration's input from its item. */
export type ItemSelector = (
  strand: Strand,
  input: Payload,
) => (item: MapItem) => Payload | Promise<Payload>;

/** Runs its item processor once for each item, in the same execution. */
export class MapState extends HandledState {
  readonly #processor: Program;
  readonly #items: Field<readonly Json[]>;
  readonly #concurrency: Field<number> | undefined;
  readonly #select: ItemSelector;
  /** Of no effect in an inline Map, but AWS reads it, and fails where it cannot. */
  readonly #tolerance: Field<Tolerance> | undefined;

  constructor(name: string, definition: StateDefinition, context: CompileContext) {
    super(name, definition, context);
    const processor = (definition.ItemProcessor ?? definition.Iterator) as JsonObject;
    this.#processor = context.compileProgram(processor, context);
    this.#items = compileItems(definition, context);
    this.#concurrency = compileNumber(definition, 'MaxConcurrency', context.language);
    this.#select = compileItemSelector(definition, context);
    this.#tolerance = compileTolerance(definition, context.language);
  }

  execute(strand: Strand): void {
    this.#begin(strand, undefined);
  }

  protected retry(strand: Strand): void {
    this.execute(strand);
  }

  #begin(strand: Strand, past: PastVisit | undefined): void {
    const input = this.flow.input(strand);
    strand.when(this.#concurrency?.(strand, input.value) ?? 0, (concurrency) => {
      checkConcurrency(concurrency);
      strand.when(this.#items(strand, input.value), (items) => {
        if (!past) strand.record('MapStateStarted', { length: items.length });
        strand.when(this.#tolerance?.(strand, input.value), () =>
          this.#iterate(strand, input, items, concurrency, past),
        );
      });
    });
  }

  #iterate(
    strand: Strand,
    input: Payload,
    items: readonly Json[],
    concurrency: number,
    past: PastVisit | undefined,
  ): void {
    const work = {
      name: this.name,
      processor: this.#processor,
      items,
      width: Math.min(concurrency || INLINE_CONCURRENCY, INLINE_CONCURRENCY),
      input: this.#select(strand, input),
    };
    const iterations = new Iterations(strand, work, (result) => {
      if (!result.fits) throw resultTooLarge(this.name);
      this.complete(strand, input, result);
    });
    strand.waiting = iterations;
    if (past) iterations.resume(past);
    else iterations.start(strand.previous);
  }

  resume(strand: Strand, past: PastVisit): void {
    const { started } = past;
    if (started.length === 0) {
      this.execute(strand);
      return;
    }
    for (const failure of past.restarts(strand.execution.history)) this.countRetry(strand, failure);
    this.#begin(strand, past);
  }

  protected gaveUp(strand: Strand, failure: Failure): void {
    if (failure.error === 'States.Runtime' && !failure.fromBranch) return;
    strand.record('MapStateFailed');
  }
}

/** Throws where MaxConcurrency is negative. */
export function checkConcurrency(concurrency: number): void {
  if (concurrency >= 0) return;
  throw new StateFailure('States.Runtime', 'MaxConcurrency cannot be negative.');
}

/** ItemsPath (default: the effective input) or Items; fails unless it is an array. */
export function compileItems(
  definition: StateDefinition,
  { language }: CompileContext,
): Field<readonly Json[]> {
  if (language === 'JSONata' && definition.Items !== undefined)
    return typedExpression(definition.Items, 'Items', 'array', Array.isArray);
  const path = typeof definition.ItemsPath === 'string' ? definition.ItemsPath : '$';
  const read = path === '$' ? undefined : compileInputPath(path);
  return (strand, input) => {
    const items = read ? read(strand, input) : input;
    if (Array.isArray(items)) return items as readonly Json[];
    // AWS shows a path into the context object without its second dollar sign.
    const shown = path.replace(/^\$\$/, '$');
    throw new StateFailure('States.Runtime', `Reference path "${shown}" must point to array.`);
  };
}

/** ItemSelector, or a legacy Map's Parameters; without them the item itself. */
export function compileItemSelector(
  definition: StateDefinition,
  { language }: CompileContext,
): ItemSelector {
  const selector = definition.ItemSelector ?? definition.Parameters;
  if (selector === undefined) return () => (item) => Payload.ofValue(item.Value);
  if (language === 'JSONata') {
    return jsonataSelector(compileJsonataTemplate(selector, 'ItemSelector'), usesContext(selector));
  }
  return jsonPathSelector(
    compilePayloadTemplate(selector),
    JSON.stringify(selector).includes('$$'),
  );
}

function jsonPathSelector(template: PayloadTemplate, contextual: boolean): ItemSelector {
  return (strand, input) => {
    const base = contextual ? (strand.context as JsonObject) : undefined;
    const { variables } = strand;
    return (item) => {
      const context = base ? itemContext(base, item) : null;
      return Payload.ofValue(template({ input: input.value, variables, context }));
    };
  };
}

function jsonataSelector(template: JsonataTemplate, contextual: boolean): ItemSelector {
  return (strand, input) => {
    const base = contextual ? (strand.context as JsonObject) : undefined;
    const { variables } = strand;
    const { now, random } = strand.execution.services;
    return (item) => {
      const context = base ? itemContext(base, item) : null;
      const states = { input: input.value, context };
      const value = template.evaluate({ states, variables, now, random });
      return value instanceof Promise ? value.then(Payload.ofValue) : Payload.ofValue(value);
    };
  };
}

/** The Map state's context object with the item in it. */
function itemContext(base: JsonObject, item: MapItem): Json {
  return { ...base, Map: { Item: { Index: item.Index, Value: item.Value } } };
}

interface IterationWork {
  readonly name: string;
  readonly processor: Program;
  readonly items: readonly Json[];
  readonly width: number;
  input(item: MapItem): Payload | Promise<Payload>;
}

/** The iterations of one attempt at an inline Map. */
class Iterations implements StrandHost, Wait {
  readonly marksAborted = false;
  readonly #parent: Strand;
  readonly #work: IterationWork;
  readonly #succeeded: (result: Payload) => void;
  readonly #outputs: Payload[] = [];
  readonly #active = new Set<Strand>();
  #past: PastVisit | undefined;
  #next = 0;
  #left: number;
  #failed = false;

  constructor(parent: Strand, work: IterationWork, succeeded: (result: Payload) => void) {
    this.#parent = parent;
    this.#work = work;
    this.#succeeded = succeeded;
    this.#left = work.items.length;
  }

  start(previous: number): void {
    if (this.#left === 0) {
      this.#finish(previous);
      return;
    }
    while (this.#next < Math.min(this.#work.width, this.#work.items.length)) this.#begin(previous);
  }

  /** Takes up the iterations that had started, in the order of their indices, then the rest. */
  resume(past: PastVisit): void {
    const latest = past.started.at(-1)?.id ?? this.#parent.previous;
    this.#past = past;
    const started = past.iterations('MapIterationStarted');
    this.#next = Math.max(-1, ...started.keys()) + 1;
    if (this.#left === 0) {
      this.#finish(latest);
      return;
    }
    for (const [index, event] of started) this.#prepare(index, event.id);
    while (
      this.#next < this.#work.items.length &&
      this.#next - this.#endedBefore(past) < this.#work.width
    )
      this.#begin(latest);
  }

  #endedBefore(past: PastVisit): number {
    return past.iterations('MapIterationSucceeded').size;
  }

  #begin(previous: number): void {
    if (this.#next >= this.#work.items.length) return;
    const index = this.#next++;
    const { name } = this.#work;
    const id = this.#parent.execution.record('MapIterationStarted', previous, { name, index });
    this.#prepare(index, id);
  }

  #prepare(index: number, previous: number): void {
    const mapItem: MapItem = { Index: index, Value: this.#work.items[index] ?? null };
    this.#parent.when(this.#work.input(mapItem), (input) => {
      const { execution, variables } = this.#parent;
      const start = { host: this, input, variables, previous, mapItem, index };
      const strand = new Strand(execution, this.#work.processor, start);
      this.#active.add(strand);
      strand.start();
    });
  }

  strandEnded(strand: Strand, output: Payload): void {
    this.#active.delete(strand);
    this.#outputs[strand.index] = output;
    const last = this.#recordEnd('MapIterationSucceeded', strand);
    this.#left--;
    if (this.#failed) return;
    if (this.#left === 0) this.#parent.later(() => this.#finish(last));
    else if (this.#next < this.#work.items.length)
      this.#parent.later(() => this.#begin(strand.previous));
  }

  #recordEnd(type: string, strand: Strand): number {
    const known = this.#past?.iterations(type).get(strand.index);
    if (known && known.previousEventId === strand.previous) return known.id;
    const details = { name: this.#work.name, index: strand.index };
    return this.#parent.execution.record(type, strand.previous, details);
  }

  /** AWS chains both Succeeded and Exited to the last MapIterationSucceeded. */
  #finish(last: number): void {
    const parent = this.#parent;
    parent.waiting = undefined;
    parent.execution.record('MapStateSucceeded', last);
    parent.previous = last;
    this.#succeeded(Payload.ofList(this.#outputs));
  }

  strandFailed(strand: Strand, failure: Failure): void {
    this.#active.delete(strand);
    if (this.#failed) return;
    this.#failed = true;
    this.#parent.later(() => {
      this.#recordEnd('MapIterationFailed', strand);
      this.cancel();
      this.#parent.previous = strand.previous;
      this.#parent.fail({ error: failure.error, cause: failure.cause, fromBranch: true });
    });
  }

  cancel(): void {
    for (const strand of this.#active) {
      strand.abort();
      const details = { name: this.#work.name, index: strand.index };
      this.#parent.execution.record('MapIterationAborted', strand.previous, details);
    }
    this.#active.clear();
  }
}
