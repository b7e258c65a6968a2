import type { HttpExchange } from './http-exchange.ts';
import type { Resource } from './resource.ts';

/** What the engine asks of the world: calling functions and services. */
export interface TaskPort {
  /** Why this resource cannot be served, in a full sentence; undefined when it can. Asked before a run. */
  refuse(resource: string): string | undefined;
  /**
   * Does the call and gives its result as JSON text. Failing, it rejects with `TaskFailure`; anything
   * else that it rejects with becomes `States.TaskFailed`. For a call with a task token the result is
   * the service's first answer; the state goes on when the token comes back.
   */
  run(call: TaskCall): Promise<string> | string;
}

/** One call. `input` is JSON text: the payload for a Lambda ARN, the parameters for a service. */
export interface TaskCall {
  readonly resource: Resource;
  readonly input: string;
  readonly stateName: string;
  readonly executionArn: string;
  readonly stateMachineArn: string;
  /** The role that the state's Credentials name, or else the execution's. */
  readonly roleArn: string | undefined;
  /** 1 for the first call of this state's visit; a retry counts on. */
  readonly attempt: number;
  /** When the state times out, in milliseconds since the epoch; undefined where it never does. */
  readonly deadline: number | undefined;
  /** For `.waitForTaskToken`. */
  readonly taskToken: string | undefined;
  /** Aborted when the state times out, its branch is stopped or the execution ends. Made on demand. */
  readonly signal: AbortSignal;
  /** Says that the work goes on: starts the state's HeartbeatSeconds anew. */
  heartbeat(): void;
  /**
   * Says that the service has taken the job that the call waits for (`.sync`): TaskSubmitted in the
   * history, with the service's first answer, JSON text.
   */
  submitted(output: string): void;
  /** Takes the exchange of an HTTP task: there where somebody wants to see it (TestState). */
  exchanged?(exchange: HttpExchange): void;
  /** Waits on the engine's clock: no time at all on a virtual one. Rejects when `signal` is aborted. */
  sleep(milliseconds: number): Promise<void>;
}

/** A call failed: Retry and Catch match on `error`; `cause` is at most 32,768 characters. */
export class TaskFailure extends Error {
  readonly error: string;
  override readonly cause: string | undefined;

  constructor(error: string, cause?: string) {
    super(cause === undefined ? error : `${error}: ${cause}`);
    this.name = 'TaskFailure';
    this.error = error;
    this.cause = cause;
  }
}
