import type { Json } from '../json.ts';
import type { MapItem } from './context-object.ts';
import { contextObject } from './context-object.ts';
import type { Execution } from './execution.ts';
import { StateFailure } from './failure.ts';
import type { HistoryEventDetails } from './history/event.ts';
import type { PastVisit } from './history/past.ts';
import { Payload } from './payload.ts';
import type { RetryTally } from './retry.ts';
import type { Job } from './scheduler.ts';
import type { Failure, Program, State } from './states/state.ts';
import { resultTooLarge } from './task/resource.ts';
import { TaskFailure } from './task/task-port.ts';
import { type Assignment, assign, recordedAssignment, type Variables } from './variables.ts';

/** Who is told how a strand ended: the execution, or the Parallel or Map whose branch it is. */
export interface StrandHost {
  /** A Task that fails in a strand of this host is marked TaskStateAborted: so AWS has it in Parallel. */
  readonly marksAborted: boolean;
  strandEnded(strand: Strand, output: Payload): void;
  strandFailed(strand: Strand, failure: Failure): void;
}

/** Something that a strand waits for and that must be undone when the strand is stopped. */
export interface Wait {
  cancel(): void;
}

export interface StrandStart {
  readonly host: StrandHost;
  readonly input: Payload;
  readonly variables: Variables;
  /** The id of the event that leads to the first state. */
  readonly previous: number;
  readonly mapItem?: MapItem | undefined;
  /** The branch's or iteration's place among its siblings. Default: 0. */
  readonly index?: number;
}

/**
 * One thread of control: the execution's main line, a branch of a Parallel or an iteration of a Map. It
 * is in one state at a time, and its events are a chain by `previousEventId`.
 */
export class Strand implements Job {
  readonly execution: Execution;
  readonly program: Program;
  readonly host: StrandHost;
  readonly mapItem: MapItem | undefined;
  readonly index: number;
  state: State;
  input: Payload;
  variables: Variables;
  /** The chain's last event. */
  previous: number;
  /** The event before the state's StateEntered. */
  beforeEntered = 0;
  enteredId = 0;
  enteredTime = 0;
  retries: RetryTally | undefined;
  taskToken: string | undefined;
  waiting: Wait | undefined;
  ended = false;

  constructor(execution: Execution, program: Program, start: StrandStart) {
    this.execution = execution;
    this.program = program;
    this.host = start.host;
    this.mapItem = start.mapItem;
    this.index = start.index ?? 0;
    this.input = start.input;
    this.variables = start.variables;
    this.previous = start.previous;
    this.state = program.states.get(program.startAt) as State;
  }

  get retryCount(): number {
    return this.retries?.count ?? 0;
  }

  /** The context object as the state sees it now. */
  get context(): Json {
    return contextObject(this);
  }

  /** Queues the strand: its state is entered when its turn comes. */
  start(): void {
    this.execution.services.scheduler.push(this);
  }

  /** Enters the state, or takes up a visit that the recorded history already knows. */
  run(): void {
    if (this.ended) return;
    this.beforeEntered = this.previous;
    this.retries = undefined;
    this.taskToken = undefined;
    const past = this.execution.past?.visit(this.previous, this.state.name);
    if (past) {
      this.#takeUp(past);
      return;
    }
    this.execution.countTransition();
    if (this.ended) return;
    this.enteredTime = this.execution.services.clock.now();
    this.enteredId = this.record(this.state.enteredType, {
      name: this.state.name,
      input: this.input.text,
    });
    this.state.execute(this);
  }

  #takeUp(past: PastVisit): void {
    this.enteredId = past.entered.id;
    this.enteredTime = past.entered.timestamp;
    this.previous = past.entered.id;
    const input = past.entered.details?.input;
    if (input !== undefined) this.input = Payload.ofText(input);
    if (!past.exited) {
      if (this.state.resume) this.state.resume(this, past);
      else this.state.execute(this);
      return;
    }
    const { id, details } = past.exited;
    this.when(this.execution.past?.following(id) ?? this.#nextAfter(past), (next) => {
      const texts = details?.assignedVariables;
      if (texts) this.variables = assign(this.variables, recordedAssignment(texts).values);
      this.previous = id;
      this.#leave(Payload.ofText(details?.output ?? 'null'), next);
    });
  }

  #nextAfter(past: PastVisit): string | undefined | Promise<string | undefined> {
    return this.state.nextAfter ? this.state.nextAfter(this, past) : this.state.next;
  }

  /** Appends an event to the strand's chain and gives its id. */
  record(type: string, details?: HistoryEventDetails): number {
    this.previous = this.execution.record(type, this.previous, details);
    return this.previous;
  }

  /** Runs `callback` in the strand's turn, unless the strand has ended by then. */
  later(callback: () => void): void {
    this.execution.services.scheduler.push(new StrandJob(this, callback));
  }

  /** Goes on with a value that may still be on its way. */
  when<T>(value: T | Promise<T>, callback: (value: T) => void): void {
    if (!(value instanceof Promise)) {
      callback(value);
      return;
    }
    const release = this.execution.services.clock.hold();
    value.then(
      (result) => {
        this.later(() => callback(result));
        release();
      },
      (error: unknown) => {
        this.later(() => this.crash(error));
        release();
      },
    );
  }

  /** The state is done: records its exit and goes on to `next`, or ends the strand. */
  exit(output: Payload, assigned: Assignment | undefined, next: string | undefined): void {
    if (!output.fits) throw resultTooLarge(this.state.name);
    if (assigned) {
      this.execution.countVariables(assigned.bytes);
      this.variables = assign(this.variables, assigned.values);
    }
    const { name, exitedType } = this.state;
    this.record(
      exitedType,
      assigned && assigned.bytes > 0
        ? { name, output: output.text, assignedVariables: assigned.texts }
        : { name, output: output.text },
    );
    this.#leave(output, next);
  }

  #leave(output: Payload, next: string | undefined): void {
    if (next === undefined) {
      this.end(output);
      return;
    }
    const state = this.program.states.get(next);
    if (!state) throw new StateFailure('States.Runtime', `There is no state named '${next}'.`);
    this.state = state;
    this.input = output;
    this.execution.services.scheduler.push(this);
  }

  /** Ends the strand with its last state's output. */
  end(output: Payload): void {
    this.ended = true;
    this.host.strandEnded(this, output);
  }

  /** Ends the strand with a failure that nothing in it caught. */
  endFailed(failure: Failure): void {
    this.ended = true;
    this.waiting = undefined;
    this.host.strandFailed(this, failure);
  }

  /** The state failed: retried, caught, or the end of the strand. */
  fail(failure: Failure): void {
    if (this.state.failed) this.state.failed(this, failure);
    else this.endFailed(failure);
  }

  /** Takes what was thrown while the strand ran: a state's failure, or a bug of ours. */
  crash(error: unknown): void {
    if (!this.execution.running) return;
    try {
      if (this.ended) this.execution.crash(error);
      else if (error instanceof TaskFailure) this.fail(error);
      else if (error instanceof StateFailure) this.fail(this.#explained(error));
      else this.execution.crash(error);
    } catch (next) {
      this.#crashAgain(next);
    }
  }

  /** Handling the failure failed itself (a Catch's Output, say): the strand ends with that. */
  #crashAgain(error: unknown): void {
    try {
      if (error instanceof TaskFailure) this.endFailed(error);
      else if (error instanceof StateFailure) this.endFailed(this.#explained(error));
      else this.execution.crash(error);
    } catch (last) {
      this.execution.crash(last);
    }
  }

  /** AWS's lead for what the interpreter itself found wrong, and the event for a failed evaluation. */
  #explained(failure: StateFailure): Failure {
    const { name, type } = this.state;
    const lead = `An error occurred while executing the state '${name}' (entered at the event id #${this.enteredId}).`;
    const cause = failure.cause === undefined ? lead : `${lead} ${failure.cause}`;
    if (failure.evaluation) {
      const { location } = failure.evaluation;
      const atEntry = this.previous === this.enteredId && type !== 'Wait';
      if (atEntry || location.startsWith('ToleratedFailure')) this.previous = this.beforeEntered;
      this.record('EvaluationFailed', { cause, error: failure.error, location, state: name });
    }
    return { error: failure.error, cause };
  }

  /** Stops the strand from outside: whatever it waits for is cancelled, and the history says so. */
  abort(): void {
    if (this.ended) return;
    this.ended = true;
    const { waiting, state } = this;
    this.waiting = undefined;
    waiting?.cancel();
    if (waiting && ABORTABLE.has(state.type)) {
      this.execution.record(`${state.type}StateAborted`, this.previous);
    }
  }
}

const ABORTABLE: ReadonlySet<string> = new Set(['Task', 'Wait', 'Parallel', 'Map']);

class StrandJob implements Job {
  readonly #strand: Strand;
  readonly #callback: () => void;

  constructor(strand: Strand, callback: () => void) {
    this.#strand = strand;
    this.#callback = callback;
  }

  run(): void {
    if (!this.#strand.ended) this.#callback();
  }

  crash(error: unknown): void {
    this.#strand.crash(error);
  }
}
