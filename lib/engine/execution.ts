import type { JsonObject } from '../json.ts';
import { isoTime, type MapItem } from './context-object.ts';
import { countsRedrives } from './era.ts';
import type { HistoryEvent, HistoryEventDetails } from './history/event.ts';
import { HISTORY_LIMIT, HistoryFull } from './history/limit.ts';
import type { PastHistory } from './history/past.ts';
import type { Machine } from './machine.ts';
import type { MapRun } from './map-run/map-run.ts';
import type { Payload } from './payload.ts';
import type { Services } from './services.ts';
import type { Failure } from './states/state.ts';
import { Strand, type StrandHost } from './strand.ts';
import { addToTotal } from './variables.ts';

/** How an execution ended. `output` is JSON text. */
export type ExecutionOutcome =
  | { readonly status: 'SUCCEEDED'; readonly output: string }
  | {
      readonly status: 'FAILED' | 'TIMED_OUT' | 'ABORTED';
      readonly error?: string;
      readonly cause?: string;
    };

export type ExecutionStatus = 'RUNNING' | ExecutionOutcome['status'];

/** Who an execution is: what its context object says of it. */
export interface ExecutionIdentity {
  readonly name: string;
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  readonly roleArn: string | undefined;
  /** Milliseconds since the epoch. */
  readonly startTime: number;
  readonly redriveCount: number;
}

/** Where an execution comes from, when it was not started by a caller. */
export interface ExecutionOrigin {
  /** What an earlier process recorded of it. */
  readonly past?: PastHistory | undefined;
  /** For a child of a Distributed Map. */
  readonly mapItem?: MapItem | undefined;
  readonly mapRunArn?: string | undefined;
}

/** An Express workflow has five minutes on AWS: no loop makes more transitions than this in them. */
const EXPRESS_TRANSITIONS = 500_000;
const EXPRESS_SECONDS = 300;

/** One run of a machine. */
export class Execution implements StrandHost {
  readonly marksAborted = false;
  readonly machine: Machine;
  readonly identity: ExecutionIdentity;
  readonly services: Services;
  /** The events so far, in order; `history[i].id` is i + 1. */
  readonly history: HistoryEvent[];
  readonly context: JsonObject;
  readonly machineContext: JsonObject;
  /** How it ended; never rejects. */
  readonly done: Promise<ExecutionOutcome>;
  readonly input: Payload;
  /** The Map Run that it is a child of. */
  readonly mapRunArn: string | undefined;
  /** The Map Runs that it has started, in order. */
  readonly mapRuns: MapRun[] = [];
  /** What an earlier process recorded, for a resumed or redriven execution. */
  past: PastHistory | undefined;
  status: ExecutionStatus = 'RUNNING';
  readonly #limit: number;
  readonly #root: Strand;
  #resolve!: (outcome: ExecutionOutcome) => void;
  #outcome: ExecutionOutcome | undefined;
  #cancelTimeout: (() => void) | undefined;
  #transitions = 0;
  #variableBytes = 0;

  constructor(
    machine: Machine,
    identity: ExecutionIdentity,
    input: Payload,
    services: Services,
    origin: ExecutionOrigin = {},
  ) {
    const { past, mapItem } = origin;
    this.machine = machine;
    this.identity = identity;
    this.services = services;
    this.input = input;
    this.past = past;
    this.mapRunArn = origin.mapRunArn;
    this.history = past ? [...past.events] : [];
    this.#limit = machine.type === 'STANDARD' ? HISTORY_LIMIT : Number.POSITIVE_INFINITY;
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.context = {
      Id: identity.executionArn,
      Input: input.value,
      StartTime: isoTime(identity.startTime),
      Name: identity.name,
      ...(identity.roleArn !== undefined && { RoleArn: identity.roleArn }),
      ...(machine.type === 'STANDARD' &&
        countsRedrives(identity.startTime) && { RedriveCount: identity.redriveCount }),
    };
    this.machineContext = { Id: identity.stateMachineArn, Name: identity.stateMachineName };
    this.#root = new Strand(this, machine.program, {
      host: this,
      input,
      variables: {},
      previous: 0,
      mapItem,
    });
  }

  /** 'us-east-1': the region of the state machine's ARN. */
  get region(): string {
    return this.identity.stateMachineArn.split(':')[3] || 'us-east-1';
  }

  get running(): boolean {
    return this.status === 'RUNNING';
  }

  /** The outcome once it has ended. */
  get outcome(): ExecutionOutcome | undefined {
    return this.#outcome;
  }

  /** Records the start (unless the past holds it) and sets out from the first state. */
  start(): void {
    if (!this.past) this.record('ExecutionStarted', 0, { input: this.input.text });
    for (const event of this.past?.added ?? []) this.#tell(event);
    const end = this.past?.end;
    if (end) {
      this.#settle(outcomeOf(end));
      return;
    }
    this.#setTimeout();
    this.#root.start();
  }

  #setTimeout(): void {
    const seconds = Math.min(
      this.machine.timeoutSeconds ?? Number.POSITIVE_INFINITY,
      this.machine.type === 'EXPRESS' ? EXPRESS_SECONDS : Number.POSITIVE_INFINITY,
    );
    if (!Number.isFinite(seconds)) return;
    const { clock } = this.services;
    const due = (this.past?.since ?? this.identity.startTime) + seconds * 1000;
    const timer = clock.setTimer(due - clock.now(), () => this.#timeOut());
    this.#cancelTimeout = () => timer.cancel();
  }

  #timeOut(): void {
    this.#close({ status: 'TIMED_OUT' }, 'ExecutionTimedOut');
  }

  /**
   * Appends an event and gives its id. Throws `HistoryFull` where only the last event has room. Once
   * the execution has ended nothing is recorded.
   */
  record(type: string, previousEventId: number, details?: HistoryEventDetails): number {
    if (!this.running) return previousEventId;
    if (this.history.length >= this.#limit - 1) throw new HistoryFull();
    return this.#append(type, previousEventId, details);
  }

  #append(type: string, previousEventId: number, details?: HistoryEventDetails): number {
    const id = this.history.length + 1;
    const timestamp = this.services.clock.now();
    const event: HistoryEvent = details
      ? { id, previousEventId, timestamp, type, details }
      : { id, previousEventId, timestamp, type };
    this.history.push(event);
    this.#tell(event);
    return id;
  }

  #tell(event: HistoryEvent): void {
    this.services.onEvent?.(event, this.identity.executionArn, this);
  }

  /** Counts a state transition: an Express workflow that never waits ends as it would on AWS. */
  countTransition(): void {
    if (this.machine.type === 'STANDARD') return;
    if (++this.#transitions > EXPRESS_TRANSITIONS) this.#timeOut();
  }

  /** Counts the bytes of assigned variables. Throws `States.DataLimitExceeded` over 10 MiB. */
  countVariables(bytes: number): void {
    this.#variableBytes = addToTotal(this.#variableBytes, bytes);
  }

  strandEnded(strand: Strand, output: Payload): void {
    this.#close(
      { status: 'SUCCEEDED', output: output.text },
      'ExecutionSucceeded',
      { output: output.text },
      strand.previous,
    );
  }

  strandFailed(strand: Strand, failure: Failure): void {
    const details = failureDetails(failure);
    this.#close({ status: 'FAILED', ...details }, 'ExecutionFailed', details, strand.previous);
  }

  /**
   * Ends the execution with what is no state's failure: a full history, a listener that threw, or a bug
   * of ours. Never throws: a listener that cannot take the last event either is not asked again.
   */
  crash(error: unknown): void {
    const cause = error instanceof Error ? error.message : String(error);
    const details = { error: 'States.Runtime', cause };
    try {
      this.#close({ status: 'FAILED', ...details }, 'ExecutionFailed', details);
    } catch {
      this.status = 'FAILED';
    }
  }

  /** Ends a running execution as ABORTED; one that has ended stays as it is. */
  stop(error?: string, cause?: string): void {
    const details = failureDetails({ error, cause });
    this.#close({ status: 'ABORTED', ...details }, 'ExecutionAborted', details);
  }

  #close(
    outcome: ExecutionOutcome,
    type: string,
    details?: HistoryEventDetails,
    previous = this.#root.previous,
  ): void {
    if (!this.running) return;
    this.status = outcome.status;
    this.#cancelTimeout?.();
    this.#root.abort();
    try {
      const told = details && Object.keys(details).length > 0 ? details : undefined;
      this.#append(type, previous, told);
    } finally {
      this.#settle(outcome);
    }
  }

  #settle(outcome: ExecutionOutcome): void {
    this.status = outcome.status;
    this.#outcome = outcome;
    this.past = undefined;
    this.#resolve(outcome);
  }
}

const STATUS: Readonly<Record<string, 'FAILED' | 'TIMED_OUT' | 'ABORTED'>> = {
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
};

/** The outcome that an execution's last event tells. */
function outcomeOf({ type, details }: HistoryEvent): ExecutionOutcome {
  if (type === 'ExecutionSucceeded')
    return { status: 'SUCCEEDED', output: details?.output ?? 'null' };
  const { error, cause } = details ?? {};
  return { status: STATUS[type] ?? 'FAILED', ...failureDetails({ error, cause }) };
}

/** `error` and `cause` where they are there. */
export function failureDetails(failure: Failure): { error?: string; cause?: string } {
  return {
    ...(failure.error !== undefined && { error: failure.error }),
    ...(failure.cause !== undefined && { cause: failure.cause }),
  };
}
