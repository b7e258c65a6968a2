import type { JsonObject } from '../../json.ts';
import type { PastVisit } from '../history/past.ts';
import { Payload } from '../payload.ts';
import { Strand, type StrandHost, type Wait } from '../strand.ts';
import { resultTooLarge } from '../task/resource.ts';
import { HandledState } from './handled-state.ts';
import type { CompileContext, Failure, Program, StateDefinition } from './state.ts';

/** Runs branches side by side; all start at once, and the first failure stops the others. */
export class ParallelState extends HandledState {
  readonly branches: readonly Program[];

  constructor(name: string, definition: StateDefinition, context: CompileContext) {
    super(name, definition, context);
    const branches = definition.Branches as readonly JsonObject[];
    this.branches = branches.map((branch) => context.compileProgram(branch, context));
  }

  execute(strand: Strand): void {
    this.#begin(strand, () => strand.record('ParallelStateStarted'));
  }

  protected retry(strand: Strand): void {
    this.execute(strand);
  }

  #begin(strand: Strand, started: () => number): void {
    const input = this.flow.input(strand);
    strand.when(this.flow.work(strand, input), (work) => {
      if (!work.fits) throw resultTooLarge(this.name);
      const branches = new Branches(strand, this.branches, (result) => {
        if (!result.fits) throw resultTooLarge(this.name);
        this.complete(strand, input, result);
      });
      strand.waiting = branches;
      branches.start(work, started());
    });
  }

  /** Branches that ended are not run again: their strands find their way through the past. */
  resume(strand: Strand, past: PastVisit): void {
    const { started } = past;
    const latest = started.at(-1);
    if (!latest) {
      this.execute(strand);
      return;
    }
    for (const failure of past.restarts(strand.execution.history)) this.countRetry(strand, failure);
    strand.previous = latest.id;
    this.#begin(strand, () => latest.id);
  }

  protected gaveUp(strand: Strand, failure: Failure): void {
    if (failure.error === 'States.Runtime' && !failure.fromBranch) return;
    strand.record('ParallelStateFailed');
  }
}

/** The branches of one attempt at a Parallel state. */
class Branches implements StrandHost, Wait {
  readonly marksAborted = true;
  readonly #parent: Strand;
  readonly #programs: readonly Program[];
  readonly #succeeded: (result: Payload) => void;
  readonly #strands: Strand[] = [];
  readonly #outputs: Payload[] = [];
  #left: number;
  #failed = false;

  constructor(parent: Strand, programs: readonly Program[], succeeded: (result: Payload) => void) {
    this.#parent = parent;
    this.#programs = programs;
    this.#succeeded = succeeded;
    this.#left = programs.length;
  }

  start(input: Payload, previous: number): void {
    const { execution, variables, mapItem } = this.#parent;
    for (const [index, program] of this.#programs.entries()) {
      const start = { host: this, input, variables, previous, mapItem, index };
      this.#strands.push(new Strand(execution, program, start));
    }
    for (const strand of this.#strands) strand.start();
  }

  strandEnded(strand: Strand, output: Payload): void {
    this.#outputs[strand.index] = output;
    if (--this.#left > 0 || this.#failed) return;
    this.#parent.later(() => this.#finish(strand.previous));
  }

  /** AWS chains both Succeeded and Exited to the last event of the branch that ended last. */
  #finish(last: number): void {
    const parent = this.#parent;
    parent.waiting = undefined;
    parent.execution.record('ParallelStateSucceeded', last);
    parent.previous = last;
    this.#succeeded(Payload.ofList(this.#outputs));
  }

  /** The failure is dealt with after what is queued already: all branches have begun by then. */
  strandFailed(strand: Strand, failure: Failure): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#parent.later(() => {
      this.cancel();
      this.#parent.previous = strand.previous;
      this.#parent.fail({ error: failure.error, cause: failure.cause, fromBranch: true });
    });
  }

  cancel(): void {
    for (const strand of this.#strands) strand.abort();
  }
}
