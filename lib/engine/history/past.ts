import { Payload } from '../payload.ts';
import type { Failure } from '../states/state.ts';
import type { HistoryEvent } from './event.ts';
import { redrives } from './redrive.ts';

/** What the history knows of a task's latest attempt. */
export interface PastAttempt {
  readonly scheduled: HistoryEvent | undefined;
  /** The service has answered, or a worker has taken the task: the token is out. */
  readonly submitted: boolean;
  readonly result: Payload | undefined;
  readonly failure: Failure | undefined;
}

/** One visit of a state that an earlier process began: its events, and what they say. */
export class PastVisit {
  readonly entered: HistoryEvent;
  /** The visit of the Parallel or Map that this one happened in. */
  readonly parent: PastVisit | undefined;
  /** The state's own events between Entered and Exited, those of its branches not included. */
  readonly events: HistoryEvent[] = [];
  exited: HistoryEvent | undefined;
  /** The event after which an unsuccessful state is run anew: the last ExecutionRedriven, or 0. */
  readonly #redriven: number;

  constructor(entered: HistoryEvent, parent: PastVisit | undefined, redriven: number) {
    this.entered = entered;
    this.parent = parent;
    this.#redriven = redriven;
  }

  get name(): string {
    return this.entered.details?.name ?? '';
  }

  /** 'Task', 'Parallel', ... */
  get type(): string {
    return this.entered.type.slice(0, -'StateEntered'.length);
  }

  /** The id of the visit's own last event. */
  get last(): number {
    return this.events.at(-1)?.id ?? this.entered.id;
  }

  /** The failures that were retried: each one was followed by another attempt. */
  get retried(): readonly Failure[] {
    const scheduled = this.#after('Scheduled').at(-1)?.id ?? 0;
    return this.#failures()
      .filter(({ id }) => id < scheduled && id > this.#redriven)
      .map(failureOf);
  }

  /** The latest attempt; an unsuccessful one from before a redrive counts as none. */
  get attempt(): PastAttempt {
    const scheduled = this.#after('Scheduled').at(-1);
    const since = Math.max(scheduled?.id ?? 0, this.#redriven);
    const later = this.events.filter(({ id }) => id > since);
    const succeeded = later.find(({ type }) => TASK_SUCCEEDED.test(type));
    const failed = later.find(isFailure);
    return {
      scheduled,
      submitted:
        failed === undefined &&
        this.#failures().every(({ id }) => id < (scheduled?.id ?? 0)) &&
        later.some(({ type }) => SUBMITTED.test(type)),
      result: succeeded && Payload.ofText(succeeded.details?.output ?? 'null'),
      failure: failed && failureOf(failed),
    };
  }

  /** The failure that the visit ended with, where it exited by way of a catcher. */
  get failure(): Failure | undefined {
    const last = this.events.at(-1);
    if (!last) return undefined;
    if (isFailure(last)) return failureOf(last);
    return FAILED_GROUP.test(last.type) ? caughtFailure(this.exited) : undefined;
  }

  /** The ids of ParallelStateStarted or MapStateStarted: one for each attempt. */
  get started(): readonly HistoryEvent[] {
    return this.events.filter(({ type }) => type === `${this.type}StateStarted`);
  }

  /**
   * The failures of a Parallel or Map that were retried since the last redrive, as far as the events
   * before the new attempts tell them.
   */
  restarts(history: readonly HistoryEvent[]): readonly Failure[] {
    return this.started
      .slice(1)
      .filter(({ id }) => id > this.#redriven)
      .map(({ previousEventId }) => failureOf(history[previousEventId - 1]));
  }

  /** The events of one kind in the latest attempt of a Map, by index: 'MapIterationStarted', ... */
  iterations(type: string): ReadonlyMap<number, HistoryEvent> {
    const since = this.started.at(-1)?.id ?? 0;
    const found = new Map<number, HistoryEvent>();
    for (const event of this.events) {
      if (event.id > since && event.type === type) found.set(event.details?.index as number, event);
    }
    return found;
  }

  /** The visit failed, and was redriven since: what it did before that does not count against it. */
  get endedBeforeRedrive(): boolean {
    return this.events.length > 0 && this.last < this.#redriven;
  }

  /** The latest of the visit's events of a type. */
  find(type: string): HistoryEvent | undefined {
    return this.events.findLast((event) => event.type === type);
  }

  #after(suffix: string): readonly HistoryEvent[] {
    return this.events.filter(({ type }) => type.endsWith(suffix));
  }

  #failures(): readonly HistoryEvent[] {
    return this.events.filter(isFailure);
  }
}

const TASK_SUCCEEDED = /^(Task|LambdaFunction|Activity)Succeeded$/;
const SUBMITTED = /^(TaskSubmitted|ActivityStarted)$/;
const FAILURE = /^(Task|LambdaFunction|Activity)(Failed|TimedOut)$|^EvaluationFailed$/;
const FAILED_GROUP = /^(Parallel|Map)StateFailed$/;

function isFailure(event: HistoryEvent): boolean {
  return FAILURE.test(event.type);
}

function failureOf(event: HistoryEvent | undefined): Failure {
  return { error: event?.details?.error, cause: event?.details?.cause };
}

/** A Parallel or Map that was caught has its error in its output, where the catcher put it there. */
function caughtFailure(exited: HistoryEvent | undefined): Failure {
  const output = exited?.details?.output;
  const value = output === undefined ? undefined : (JSON.parse(output) as { Error?: unknown });
  const error = typeof value?.Error === 'string' ? value.Error : undefined;
  return { error, cause: undefined };
}

/**
 * A recorded history, read as visits of states: what a resumed or redriven execution looks up instead
 * of doing it again. Events are found by their chain, not by their order, so branches may go on in any.
 */
export class PastHistory {
  readonly events: readonly HistoryEvent[];
  /** The last of the events, where they are new: nobody has been told of them yet. */
  readonly added: readonly HistoryEvent[];
  readonly redriveCount: number;
  /** When the execution was redriven last, in milliseconds since the epoch; undefined: never. */
  readonly since: number | undefined;
  readonly #visits = new Map<string, PastVisit>();
  readonly #followers = new Map<number, string>();
  readonly #owners = new Map<number, PastVisit>();
  readonly #redriven: number;

  constructor(recorded: readonly HistoryEvent[], added: readonly HistoryEvent[] = []) {
    const events = [...recorded, ...added];
    this.events = events;
    this.added = added;
    this.redriveCount = redrives(events);
    const redriven = events.findLast(({ type }) => type === 'ExecutionRedriven');
    this.#redriven = redriven?.id ?? 0;
    this.since = redriven?.timestamp;
    for (const event of events) this.#place(event);
  }

  /** How the execution ended; undefined while it is open. */
  get end(): HistoryEvent | undefined {
    const last = this.events.at(-1);
    return last && EXECUTION_ENDED.test(last.type) ? last : undefined;
  }

  /** The visit of state `name` that event `previous` led to. */
  visit(previous: number, name: string): PastVisit | undefined {
    return this.#visits.get(`${previous} ${name}`);
  }

  /** The state that was entered after the exit event `exitId`. */
  following(exitId: number): string | undefined {
    return this.#followers.get(exitId);
  }

  #place(event: HistoryEvent): void {
    if (event.type.startsWith('Execution')) return;
    if (event.type.endsWith('StateEntered')) {
      this.#enter(event);
      return;
    }
    const owner = this.#ownerOf(event);
    if (!owner) return;
    this.#owners.set(event.id, owner);
    if (event.type === `${owner.type}StateExited`) owner.exited = event;
    else owner.events.push(event);
  }

  #enter(event: HistoryEvent): void {
    const visit = new PastVisit(event, this.#parentOf(event), this.#redriven);
    this.#visits.set(`${event.previousEventId} ${visit.name}`, visit);
    this.#owners.set(event.id, visit);
    this.#followers.set(event.previousEventId, visit.name);
  }

  /** A first state of a branch or iteration belongs to the visit that started it. */
  #parentOf({ previousEventId }: HistoryEvent): PastVisit | undefined {
    const before = this.#owners.get(previousEventId);
    if (!before) return undefined;
    const type = this.events[previousEventId - 1]?.type ?? '';
    return STARTS_BRANCH.test(type) ? before : before.parent;
  }

  #ownerOf(event: HistoryEvent): PastVisit | undefined {
    if (event.type === 'EvaluationFailed') return this.#evaluating(event);
    const wanted = OWNER_TYPE.exec(event.type)?.[1];
    let visit = this.#owners.get(event.previousEventId);
    if (wanted === undefined) return visit;
    const name = event.details?.name;
    while (visit && !(visit.type === wanted && !visit.exited && isOf(visit, name, event)))
      visit = visit.parent;
    return visit;
  }

  /** AWS chains EvaluationFailed to the event before the state was entered; its details name the state. */
  #evaluating(event: HistoryEvent): PastVisit | undefined {
    const name = event.details?.state;
    const visit = typeof name === 'string' ? this.visit(event.previousEventId, name) : undefined;
    return visit ?? this.#owners.get(event.previousEventId);
  }
}

const EXECUTION_ENDED = /^Execution(Succeeded|Failed|TimedOut|Aborted)$/;

const STARTS_BRANCH = /^(ParallelStateStarted|MapIterationStarted)$/;

/** Events of a Parallel or Map may follow an event of one of their branches: these say whose they are. */
const OWNER_TYPE = /^(Parallel|Map|Task|Wait|Pass|Choice|Succeed)(?:State|Iteration|Run)[A-Z]/;

function isOf(visit: PastVisit, name: string | undefined, event: HistoryEvent): boolean {
  if (name !== undefined) return visit.name === name;
  const last = visit.events.at(-1)?.type;
  return event.type.endsWith('Started') || last === undefined || !FAILED_GROUP.test(last);
}
