import type { Timer } from '../clock/clock.ts';
import { failureDetails } from '../execution.ts';
import { Payload } from '../payload.ts';
import type { Job } from '../scheduler.ts';
import type { Strand, Wait } from '../strand.ts';
import type { ActivityTask } from './activity-queue.ts';
import { type Resource, resultTooLarge } from './resource.ts';
import { scheduledDetails, type TaskEvents } from './task-events.ts';
import { type TaskCall, TaskFailure } from './task-port.ts';
import type { TokenHolder } from './task-tokens.ts';

/** AWS: a cause holds at most 32,768 characters, an error name 256. */
const CAUSE_LIMIT = 32_768;
const ERROR_LIMIT = 256;

/** The state whose task is attempted. */
export interface AttemptedTask {
  readonly resource: Resource;
  readonly events: TaskEvents;
  /** Takes the result; `input` is the state's effective input. */
  succeeded(strand: Strand, input: Payload, result: Payload): void;
}

/** On what terms an attempt is made. */
export interface AttemptTerms {
  /** TimeoutSeconds. */
  readonly timeout: number | undefined;
  /** HeartbeatSeconds. */
  readonly heartbeat: number | undefined;
  /** The role that the state's Credentials name. */
  readonly roleArn: string | undefined;
}

const NO_TERMS: AttemptTerms = { timeout: undefined, heartbeat: undefined, roleArn: undefined };

/**
 * One attempt at a task: from Scheduled to Succeeded, Failed or TimedOut. It is the call that the task
 * port sees, and the holder of the task's token. Whatever comes first decides; the rest is ignored.
 */
export class Attempt implements TaskCall, TokenHolder, ActivityTask, Wait, Job {
  /** What the task is given: JSON text. */
  readonly input: string;
  readonly #strand: Strand;
  readonly #task: AttemptedTask;
  readonly #effective: Payload;
  readonly #terms: AttemptTerms;
  #answer: string | undefined;
  #over = false;
  #timeout: Timer | undefined;
  #heartbeatTimer: Timer | undefined;
  #abort: AbortController | undefined;
  #release: (() => void) | undefined;
  #deadline: number | undefined;

  constructor(
    strand: Strand,
    task: AttemptedTask,
    effective: Payload,
    input: string,
    terms: AttemptTerms = NO_TERMS,
  ) {
    this.#strand = strand;
    this.#task = task;
    this.#effective = effective;
    this.input = input;
    this.#terms = terms;
  }

  get resource(): Resource {
    return this.#task.resource;
  }

  get stateName(): string {
    return this.#strand.state.name;
  }

  get executionArn(): string {
    return this.#strand.execution.identity.executionArn;
  }

  get stateMachineArn(): string {
    return this.#strand.execution.identity.stateMachineArn;
  }

  get roleArn(): string | undefined {
    return this.#terms.roleArn ?? this.#strand.execution.identity.roleArn;
  }

  get attempt(): number {
    return this.#strand.retryCount + 1;
  }

  get deadline(): number | undefined {
    return this.#deadline;
  }

  get taskToken(): string {
    return this.#strand.taskToken as string;
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#over) this.#abort.abort();
    return this.#abort.signal;
  }

  /** Records Scheduled and Started and makes the call. */
  start(): void {
    const strand = this.#strand;
    const { resource, events } = this.#task;
    const { region } = strand.execution;
    strand.record(events.scheduled, scheduledDetails(resource, this.input, region, this.#terms));
    this.#setTimeout(strand.execution.services.clock.now());
    if (resource.kind === 'activity') {
      this.#queue(resource.arn);
      return;
    }
    strand.record(events.started, events.common);
    if (strand.taskToken !== undefined) this.#holdToken();
    this.#call();
  }

  /** Waits for the token of a call that an earlier process made at `since`. */
  rejoin(since: number): void {
    this.#setTimeout(since);
    this.#holdToken();
  }

  #call(): void {
    const { services } = this.#strand.execution;
    let answer: Promise<string> | string;
    this.#release = services.clock.hold();
    try {
      answer = services.tasks.run(this);
    } catch (error) {
      this.#rejected(error);
      return;
    }
    if (typeof answer === 'string') {
      this.#answered(answer);
      return;
    }
    answer.then(
      (text) => {
        this.#answer = text;
        services.scheduler.push(this);
        this.#letGo();
      },
      (error: unknown) => {
        this.#strand.later(() => this.#rejected(error));
        this.#letGo();
      },
    );
  }

  /** The port's answer has come. */
  run(): void {
    if (!this.#strand.ended) this.#answered(this.#answer as string);
  }

  crash(error: unknown): void {
    this.#strand.crash(error);
  }

  #letGo(): void {
    this.#release?.();
    this.#release = undefined;
  }

  /** The port has answered: that is the result, unless the state waits for its token. */
  #answered(text: string): void {
    if (this.#over) return;
    if (this.#strand.taskToken === undefined) this.#finish(text);
    else this.#recordSubmitted(text);
  }

  #finish(text: string): void {
    const strand = this.#strand;
    const task = this.#task;
    let result: Payload;
    try {
      result = Payload.ofText(text);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#failed('States.Runtime', `The result of the task is not JSON: ${why}`);
      return;
    }
    if (!result.fits) {
      const { error, cause } = resultTooLarge(nameOf(task.resource));
      this.#failed(error, cause);
      return;
    }
    this.#end();
    strand.record(task.events.succeeded, { ...task.events.common, output: text });
    task.succeeded(strand, this.#effective, result);
  }

  #rejected(error: unknown): void {
    if (error instanceof TaskFailure) {
      this.#failed(error.error, error.cause);
      return;
    }
    const message = error instanceof Error ? error.message : String(error);
    this.#failed('States.TaskFailed', message);
  }

  #failed(error: string | undefined, cause: string | undefined): void {
    if (this.#over) return;
    this.#end();
    const strand = this.#strand;
    const task = this.#task;
    const failure = {
      error: error?.slice(0, ERROR_LIMIT),
      cause: cause?.slice(0, CAUSE_LIMIT),
    };
    strand.record(task.events.failed, { ...failureDetails(failure), ...task.events.common });
    strand.fail(failure);
  }

  #timedOut(error: 'States.Timeout' | 'States.HeartbeatTimeout'): void {
    if (this.#over) return;
    this.#end();
    const strand = this.#strand;
    const task = this.#task;
    strand.record(task.events.timedOut, { error, ...task.events.common });
    strand.fail({ error, cause: undefined });
  }

  #setTimeout(since: number): void {
    const { timeout } = this.#terms;
    if (timeout === undefined) return;
    const strand = this.#strand;
    const { clock } = strand.execution.services;
    this.#deadline = since + timeout * 1000;
    this.#timeout = clock.setTimer(this.#deadline - clock.now(), () =>
      strand.later(() => this.#timedOut('States.Timeout')),
    );
  }

  #holdToken(): void {
    this.#strand.execution.services.tokens.hold(this.taskToken, this);
    this.heartbeat();
  }

  #queue(arn: string): void {
    const strand = this.#strand;
    const { services, identity } = strand.execution;
    strand.taskToken = services.tokens.make(
      identity.executionArn,
      strand.enteredId,
      strand.retryCount,
      identity.redriveCount,
    );
    services.activities.add(arn, this);
    this.heartbeat();
  }

  submitted(output: string): void {
    // The job takes its own time, and holds the clock by itself where it is on the same one.
    this.#letGo();
    this.#strand.later(() => {
      if (!this.#over) this.#recordSubmitted(output);
    });
  }

  #recordSubmitted(output: string): void {
    const { events } = this.#task;
    this.#strand.record(events.submitted, { ...events.common, output });
  }

  /** A worker took the activity's task. */
  started(workerName: string | undefined): void {
    this.#strand.later(() => {
      if (this.#over) return;
      this.#strand.record('ActivityStarted', workerName === undefined ? {} : { workerName });
      this.#holdToken();
    });
  }

  succeed(output: string): void {
    this.#strand.later(() => {
      if (!this.#over) this.#finish(output);
    });
  }

  fail(error: string | undefined, cause: string | undefined): void {
    this.#strand.later(() => this.#failed(error, cause));
  }

  heartbeat(): void {
    const strand = this.#strand;
    const { heartbeat } = this.#terms;
    this.#heartbeatTimer?.cancel();
    if (heartbeat === undefined || this.#over) return;
    this.#heartbeatTimer = strand.execution.services.clock.setTimer(heartbeat * 1000, () =>
      strand.later(() => this.#timedOut('States.HeartbeatTimeout')),
    );
  }

  sleep(milliseconds: number): Promise<void> {
    const { clock } = this.#strand.execution.services;
    this.#letGo();
    return new Promise((resolve, reject) => {
      const timer = clock.setTimer(milliseconds, () => {
        this.signal.removeEventListener('abort', stop);
        if (!this.#over) this.#release = clock.hold();
        resolve();
      });
      const stop = (): void => {
        timer.cancel();
        reject(this.signal.reason);
      };
      if (this.signal.aborted) stop();
      else this.signal.addEventListener('abort', stop, { once: true });
    });
  }

  cancel(): void {
    this.#end();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#letGo();
    this.#timeout?.cancel();
    this.#heartbeatTimer?.cancel();
    const strand = this.#strand;
    const task = this.#task;
    if (strand.taskToken !== undefined) {
      strand.execution.services.tokens.release(strand.taskToken);
      if (task.resource.kind === 'activity')
        strand.execution.services.activities.remove(task.resource.arn, this);
    }
    this.#abort?.abort();
  }
}

/** How AWS names a task in "The state/task '...' returned a result with a size exceeding ...". */
function nameOf(resource: Resource): string {
  return resource.kind === 'service' ? resource.service : resource.arn;
}
