import { type Catcher, catcherFor, compileCatchers } from '../catch.ts';
import { compileDataFlow, type DataFlow } from '../data-flow.ts';
import type { PastVisit } from '../history/past.ts';
import type { Payload } from '../payload.ts';
import { compileRetriers, type Retrier, RetryTally, retrierFor, retryDelay } from '../retry.ts';
import type { Strand } from '../strand.ts';
import type { CompileContext, Failure, State, StateDefinition } from './state.ts';

/** What Task, Parallel and Map share: data in and out, Retry and Catch. */
export abstract class HandledState implements State {
  readonly name: string;
  readonly type: string;
  readonly next: string | undefined;
  readonly enteredType: string;
  readonly exitedType: string;
  protected readonly flow: DataFlow;
  readonly #retriers: readonly Retrier[];
  readonly #catchers: readonly Catcher[];

  constructor(name: string, definition: StateDefinition, context: CompileContext) {
    this.name = name;
    this.type = definition.Type as string;
    this.next = definition.Next as string | undefined;
    this.enteredType = `${this.type}StateEntered`;
    this.exitedType = `${this.type}StateExited`;
    this.flow = compileDataFlow(definition, context);
    this.#retriers = compileRetriers(definition.Retry);
    this.#catchers = compileCatchers(definition.Catch, context.language);
  }

  abstract execute(strand: Strand): void;

  /** Does the work again after a failure; `strand.retries` has counted the retry already. */
  protected abstract retry(strand: Strand): void;

  /** Records what stands between the last failure and the catcher, or the end of the branch. */
  protected abstract gaveUp(strand: Strand, failure: Failure, caught: boolean): void;

  /** The work is done: computes Output and Assign and leaves the state. */
  protected complete(strand: Strand, input: Payload, result: Payload): void {
    const outcome = this.flow.finish(strand, input, result);
    if (outcome instanceof Promise) {
      strand.when(outcome, ({ output, assigned }) => strand.exit(output, assigned, this.next));
    } else strand.exit(outcome.output, outcome.assigned, this.next);
  }

  failed(strand: Strand, failure: Failure): void {
    strand.waiting?.cancel();
    strand.waiting = undefined;
    const retrier = retrierFor(this.#retriers, strand.retries, failure.error);
    if (retrier) {
      this.#retryLater(strand, retrier);
      return;
    }
    const catcher = catcherFor(this.#catchers, failure.error);
    this.gaveUp(strand, failure, catcher !== undefined);
    if (!catcher) {
      strand.endFailed(failure);
      return;
    }
    strand.when(catcher.outcome(strand, failure), ({ output, assigned }) =>
      strand.exit(output, assigned, catcher.next),
    );
  }

  #retryLater(strand: Strand, retrier: Retrier): void {
    const { clock, random } = strand.execution.services;
    strand.retries ??= new RetryTally();
    const delay = retryDelay(retrier, strand.retries.of(retrier), random);
    strand.retries.add(retrier);
    const timer = clock.setTimer(delay, () =>
      strand.later(() => {
        strand.waiting = undefined;
        this.retry(strand);
      }),
    );
    strand.waiting = timer;
  }

  /** Counts a retry that an earlier process made; the next attempt is in the history already. */
  protected countRetry(strand: Strand, failure: Failure): void {
    const retrier = retrierFor(this.#retriers, strand.retries, failure.error);
    strand.retries ??= new RetryTally();
    if (retrier) strand.retries.add(retrier);
  }

  /** Where a visit that has exited went: to the catcher that took its failure, or to `Next`. */
  nextAfter(_strand: Strand, past: PastVisit): string | undefined {
    if (past.failure === undefined) return this.next;
    return catcherFor(this.#catchers, past.failure.error)?.next ?? this.next;
  }
}
