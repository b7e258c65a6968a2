import type { HistoryEvent } from '../engine/history/event.ts';
import { RunNotFound } from '../errors.ts';
import type { Json } from '../json.ts';
import { type CalledModel, calledModel, failureOfCall, spendOfReply } from './called-model.ts';
import { startedExecution, toldFailure } from './nested-execution.ts';
import type { Run, RunStep } from './run.ts';
import { parseJson, spendOf, spendOfFailure } from './spend.ts';
import { BudgetReader } from './spent-budget.ts';
import { Steps } from './steps.ts';
import { countsBranches, isDeferral, isExpiry, isInBatch, isWin } from './words.ts';

/** Which run the events are of, and what is known of it before its first event has arrived. */
export interface RunSubject {
  readonly id: string;
  readonly workflow: string;
  /** ISO 8601; the ExecutionStarted event overrides it. */
  readonly startedAt?: string;
  /** The ExecutionStarted event overrides it, where it carries an input. */
  readonly input?: Json;
}

/** A run that grows event by event. */
export interface RunFold {
  /** Takes the next event; events come in the order of their ids, none left out. */
  apply(event: HistoryEvent): void;
  /**
   * What happened so far. A value of its own: later events do not change it.
   * @throws RunNotFound before the first event, where the subject does not tell `startedAt`.
   */
  readonly run: Run;
}

/**
 * A whole history as a run. The same for a local and a cloud run, since both tell AWS's events.
 *
 * - A step is a state that was entered and calls a function (`task`; `approval` where that asks a
 *   person), holds branches (`gather`) or waits (`wait`), those by which the branches of a quorum are
 *   counted left out; a state that is entered again, in a loop or by a redrive, is a new step.
 * - Its parent is read from the chain of `previousEventId`, so branches may interleave.
 * - WAITING: entered or scheduled, and not started; or parked on a task token, then `waitsFor` says for what. RETRYING: between a failed attempt and the next
 *   schedule. FAILED: the last attempt failed, also where a Catch took the failure. ABORTED: stopped
 *   because a sibling failed or the run ended.
 * - A model call that is put off until its turn stays one step: WAITING through the Wait, then called
 *   again. A gather that a winner ends (any, race, quorum, a deadline) through a Fail and a Catch has not failed.
 * - A call in the lane 'batch' that no batch has answered in time stays one step too: the state that makes
 *   it as a sync call is its next attempt.
 * - Usage, price and model are those of a function output with `object: 'model.result'`, or of the reply
 *   to a model call that Step Functions made itself.
 */
export function foldRun(subject: RunSubject, events: Iterable<HistoryEvent>): Run {
  const fold = createRunFold(subject);
  for (const event of events) fold.apply(event);
  return fold.run;
}

/** The incremental form of `foldRun`. */
export function createRunFold(subject: RunSubject): RunFold {
  return new Fold(subject);
}

/** True for the event that ends a run. A redrive may open the run again. */
export function closesRun(event: Pick<HistoryEvent, 'type'>): boolean {
  return /^Execution(Succeeded|Failed|Aborted|TimedOut)$/.test(event.type);
}

/** Where in the run an event stands. */
interface Place {
  /** The step that it belongs to: null at a state that is no step, and outside of states. */
  readonly step: number | null;
  /** The gather that a state entered next would be a branch of. */
  readonly gather: number | null;
  /** The index of the iteration that it is in. */
  readonly item?: number | undefined;
}

type Ending =
  | { readonly status: 'RUNNING' }
  | { readonly status: 'SUCCEEDED'; readonly stoppedAt: string; readonly output: Json }
  | {
      readonly status: 'FAILED' | 'TIMED_OUT' | 'ABORTED';
      readonly stoppedAt: string;
      readonly error: string | null;
      readonly cause: string | null;
    };

const failures: Readonly<Record<string, 'FAILED' | 'TIMED_OUT' | 'ABORTED'>> = {
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
};

const kinds: Readonly<Record<string, RunStep['kind']>> = {
  TaskStateEntered: 'task',
  ParallelStateEntered: 'gather',
  MapStateEntered: 'gather',
  WaitStateEntered: 'wait',
};

/** Looked for in the text: parsing each call's parameters would cost a large fan-out too much. */
function isApproval(details: HistoryEvent['details']): boolean {
  return (
    details?.resource === 'invoke.waitForTaskToken' &&
    String(details.parameters).includes('"approval":{')
  );
}

class Fold implements RunFold {
  readonly #subject: RunSubject;
  readonly #steps = new Steps();
  readonly #places = new Map<number, Place>();
  /** Steps whose call was put off and not made again yet, with what would be its failure. */
  readonly #deferred = new Map<number, RunStep['error']>();
  /** Steps whose calls wait for a batch; true: in vain, and the sync call is not made yet. */
  readonly #batched = new Map<number, boolean>();
  /** The states that make the sync calls of such steps, by their names. */
  readonly #fallbacks = new Map<number, string>();
  /** The events at which a branch told that it has won. */
  readonly #wins = new Set<number>();
  /** Gathers that a winner has ended, and whose Catch has not taken its value yet. */
  readonly #won = new Set<number>();
  /** What the steps call that are HTTP Tasks of a model. */
  readonly #called = new Map<number, CalledModel>();
  readonly #budget = new BudgetReader();
  #startedAt: string | undefined;
  #input: Json;
  #ending: Ending = { status: 'RUNNING' };
  #snapshot: Run | undefined;

  constructor(subject: RunSubject) {
    this.#subject = subject;
    this.#startedAt = subject.startedAt;
    this.#input = subject.input ?? null;
  }

  get run(): Run {
    if (this.#startedAt === undefined) {
      throw new RunNotFound(
        `The history of run "${this.#subject.id}" of workflow "${this.#subject.workflow}" is empty.`,
      );
    }
    const { usage, price, hasItems } = this.#steps;
    const budget = this.#budget.account(usage, price);
    this.#snapshot ??= {
      id: this.#subject.id,
      workflow: this.#subject.workflow,
      ...this.#ending,
      startedAt: this.#startedAt,
      input: this.#input,
      steps: this.#steps.list(),
      usage,
      price,
      ...(budget === undefined ? {} : { budget }),
      ...(hasItems ? { spendIsWhole: false } : {}),
    };
    return this.#snapshot;
  }

  apply(event: HistoryEvent): void {
    this.#snapshot = undefined;
    this.#places.set(event.id, this.#place(event));
  }

  /** Each kind of event changes the steps and says where the events that follow it stand. */
  #place(event: HistoryEvent): Place {
    const { type } = event;
    if (type.startsWith('Execution')) return this.#execution(event);
    if (type.endsWith('StateEntered')) return this.#entered(event);
    if (type.endsWith('StateExited')) return this.#exited(event);
    if (type.startsWith('MapIteration')) return this.#iteration(event);
    if (/^(Parallel|Map)State(Started|Succeeded|Failed|Aborted)$/.test(type)) {
      return this.#gather(event);
    }
    if (type === 'EvaluationFailed') return this.#evaluationFailed(event);
    return this.#within(event);
  }

  #before(event: HistoryEvent): Place {
    return this.#places.get(event.previousEventId) ?? { step: null, gather: null };
  }

  #execution(event: HistoryEvent): Place {
    const { details, timestamp, type } = event;
    const before = this.#before(event);
    const stoppedAt = new Date(timestamp).toISOString();
    if (type === 'ExecutionStarted') {
      this.#startedAt = stoppedAt;
      this.#input = parseJson(details?.input) ?? this.#input;
    } else if (type === 'ExecutionRedriven') {
      this.#ending = { status: 'RUNNING' };
    } else if (type === 'ExecutionSucceeded') {
      const output = parseJson(details?.output) ?? null;
      this.#ending = { status: 'SUCCEEDED', stoppedAt, output };
    } else if (failures[type]) {
      const told = toldFailure(details?.error, details?.cause);
      this.#ending = { status: failures[type], stoppedAt, ...told };
      if (type === 'ExecutionFailed') this.#culprit(before, timestamp, errorOf(event));
    }
    if (closesRun(event)) this.#steps.abortInside(null, timestamp);
    return { step: type === 'ExecutionRedriven' ? before.step : null, gather: null };
  }

  #entered(event: HistoryEvent): Place {
    const kind = kinds[event.type];
    const before = this.#before(event);
    const { gather, item } = before;
    if (isWin(event)) this.#wins.add(event.id);
    if (!kind) return { step: null, gather, item };
    const name = event.details?.name ?? '';
    if (this.#comesBack(before.step, kind, name, event.timestamp)) return before;
    const step = { id: event.id, name, kind, parent: gather };
    this.#steps.enter(item === undefined ? step : { ...step, item }, event.timestamp);
    return { step: event.id, gather, item };
  }

  #exited(event: HistoryEvent): Place {
    const holdsBranches = /^(Parallel|Map)/.test(event.type);
    const before = this.#before(event);
    const id = holdsBranches ? this.#gatherNamed(before, event.details?.name) : before.step;
    const step = this.#steps.get(id);
    if (!step) return { step: null, gather: before.gather, item: before.item };
    // The call, or the Wait for its turn: the step goes on. So it does when no batch has answered it.
    if (this.#deferred.has(step.id) || this.#batched.get(step.id)) return before;
    if (this.#won.delete(step.id)) {
      this.#steps.close(step.id, 'SUCCEEDED', event.timestamp);
      return { step: step.id, gather: step.parent, item: step.item };
    }
    // A state that leaves while its last attempt failed leaves through a Catch.
    const caught = step.status === 'RETRYING' || step.status === 'FAILED';
    if (holdsBranches) this.#steps.abortInside(step.id, event.timestamp);
    this.#steps.close(step.id, caught ? 'FAILED' : 'SUCCEEDED', event.timestamp);
    return { step: step.id, gather: step.parent, item: step.item };
  }

  #iteration(event: HistoryEvent): Place {
    const before = this.#before(event);
    const gather = this.#gatherNamed(before, event.details?.name);
    const started = event.type === 'MapIterationStarted';
    const item = started ? Number(event.details?.index ?? 0) : before.item;
    return { step: started ? gather : before.step, gather, item };
  }

  #gather(event: HistoryEvent): Place {
    const before = this.#before(event);
    const started = event.type.endsWith('Started');
    const id = started
      ? this.#gatherAt(before)
      : this.#outwards(before, (step) => this.#steps.isOpen(step.id));
    const step = this.#steps.get(id);
    if (!step) return before;
    if (started) {
      // A Retry of the gather starts it anew: what is left of the attempt before ends here.
      if (step.attempts > 0) this.#culprit(before, event.timestamp);
      this.#steps.abortInside(step.id, event.timestamp);
      this.#steps.attempt(step.id, 'RUNNING');
      return { step: step.id, gather: step.id, item: step.item };
    }
    if (event.type.endsWith('Failed') && this.#wins.has(event.previousEventId)) {
      // The losers are stopped. Its Catch takes the value, and tells so in the next event.
      this.#won.add(step.id);
      this.#steps.abortInside(step.id, event.timestamp);
      return { step: step.id, gather: step.parent, item: step.item };
    }
    if (event.type.endsWith('Failed')) {
      this.#steps.blame(step.id, this.#culprit(before, event.timestamp));
    }
    this.#steps.abortInside(step.id, event.timestamp);
    this.#steps.close(step.id, outcome(event.type), event.timestamp);
    return { step: step.id, gather: step.parent, item: step.item };
  }

  /**
   * AWS puts this event beside the state's chain: `previousEventId` is the event before the state was
   * entered. Only the text of the cause says which entry is meant.
   */
  #evaluationFailed(event: HistoryEvent): Place {
    const before = this.#before(event);
    const entered = /entered at the event id #(\d+)/.exec(event.details?.cause ?? '')?.[1];
    const step = entered === undefined ? before.step : Number(entered);
    this.#steps.fail(step, this.#errorAt(step, event));
    return this.#places.get(step ?? 0) ?? before;
  }

  /** The events between a state's entry and its exit: a call of a function, a map run. */
  #within(event: HistoryEvent): Place {
    const { details, timestamp, type } = event;
    const place = this.#before(event);
    if (countsBranches(event)) {
      this.#steps.forget(place.step);
      return { step: null, gather: place.gather };
    }
    if (/^(LambdaFunction|Task|Activity)Scheduled$/.test(type)) {
      this.#steps.attempt(place.step, 'WAITING');
      this.#budget.called(place.step, event);
      if (isApproval(details)) this.#steps.asks(place.step);
      this.#noteModel(place.step, event);
      if (place.step !== null && isInBatch(event)) this.#batched.set(place.step, false);
    } else if (type === 'TaskSubmitted') {
      if (String(details?.resource).endsWith('.waitForTaskToken')) this.#steps.park(place.step);
      else this.#steps.execute(place.step, startedExecution(details?.output));
    } else if (type === 'MapRunStarted') {
      this.#steps.runsItems(place.step, details?.mapRunArn);
    } else if (type.endsWith('Started')) {
      this.#steps.run(place.step);
    } else if (type.endsWith('Succeeded')) {
      this.#budget.ended(place.step, event);
      const called = this.#called.get(place.step ?? 0);
      const spend = called ? spendOfReply(details?.output, called) : spendOf(details?.output);
      this.#steps.answer(place.step, spend);
    } else if (isDeferral(event) && place.step !== null) {
      this.#budget.ended(place.step, event);
      this.#deferred.set(place.step, errorOf(event));
      this.#steps.defer(place.step, spendOfFailure(details?.error, details?.cause));
    } else if (type.endsWith('Failed') || type.endsWith('TimedOut')) {
      this.#budget.ended(place.step, event);
      const spend = spendOfFailure(details?.error, details?.cause);
      this.#steps.fail(place.step, this.#errorAt(place.step, event), spend);
      const { step } = place;
      if (step !== null && this.#batched.has(step)) this.#batched.set(step, isExpiry(event));
    } else if (type.endsWith('StateAborted') && this.#steps.isOpen(place.step)) {
      this.#steps.close(place.step, 'ABORTED', timestamp);
    }
    return place;
  }

  #errorAt(step: number | null, event: HistoryEvent): RunStep['error'] {
    const called = this.#called.get(step ?? 0);
    return called ? failureOfCall(errorOf(event), called) : errorOf(event);
  }

  #noteModel(step: number | null, { details }: HistoryEvent): void {
    if (step === null || details?.resourceType !== 'http') return;
    const called = calledModel(details.parameters);
    if (called) this.#called.set(step, called);
  }

  /**
   * Whether a state that is entered is the Wait of a call that was put off, or that call again; or the
   * sync call that follows a batch's.
   */
  #comesBack(id: number | null, kind: RunStep['kind'], name: string, time: number): boolean {
    const step = this.#steps.get(id);
    if (!step) return false;
    if (this.#batched.get(step.id)) {
      this.#batched.delete(step.id);
      this.#fallbacks.set(step.id, name);
      return true;
    }
    if (!this.#deferred.has(step.id)) return false;
    if (kind === 'wait') return true;
    const isAgain = name === (this.#fallbacks.get(step.id) ?? step.name);
    if (!isAgain) this.#culprit({ step: step.id, gather: step.parent }, time);
    this.#deferred.delete(step.id);
    return isAgain;
  }

  /** The step whose failure ended a gather or the run, marked as such; gives its error. */
  #culprit(place: Place, time: number, error: RunStep['error'] = null): RunStep['error'] {
    const step = this.#steps.get(place.step);
    if (!step || step.status === 'SUCCEEDED') return null;
    this.#steps.blame(step.id, this.#deferred.get(step.id) ?? error);
    // The task that failed is also reported as aborted when its gather goes down (a recording).
    this.#steps.close(step.id, 'FAILED', step.stoppedAt ? Date.parse(step.stoppedAt) : time);
    return this.#steps.get(step.id)?.error ?? null;
  }

  /** The gather that an event stands at: its own step, or the one around it. */
  #gatherAt(place: Place): number | null {
    return this.#steps.get(place.step)?.kind === 'gather' ? place.step : place.gather;
  }

  #gatherNamed(place: Place, name: string | undefined): number | null {
    return this.#outwards(place, (step) => step.name === name) ?? place.gather;
  }

  /** From the inside out, the first gather around a place (or at it) that is meant. */
  #outwards(place: Place, isMeant: (step: RunStep) => boolean): number | null {
    let step = this.#steps.get(this.#gatherAt(place));
    while (step && !isMeant(step)) step = this.#steps.get(step.parent);
    return step?.id ?? null;
  }
}

function errorOf({ details }: HistoryEvent): RunStep['error'] {
  if (details?.error === undefined) return null;
  const { error, cause } = toldFailure(details.error, details.cause);
  return { name: error ?? details.error, cause };
}

function outcome(type: string): 'SUCCEEDED' | 'FAILED' | 'ABORTED' {
  if (type.endsWith('Succeeded')) return 'SUCCEEDED';
  return type.endsWith('Failed') ? 'FAILED' : 'ABORTED';
}
