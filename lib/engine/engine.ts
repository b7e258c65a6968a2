import { randomUUID } from 'node:crypto';
import { InputInvalid } from '../errors.ts';
import type { Clock } from './clock/clock.ts';
import { realClock } from './clock/real-clock.ts';
import { Execution, type ExecutionIdentity } from './execution.ts';
import type { HistoryEvent } from './history/event.ts';
import { PastHistory } from './history/past.ts';
import { redriveEvent } from './history/redrive.ts';
import type { Machine } from './machine.ts';
import type { ObjectStore } from './object-store.ts';
import { fitsBytes, PAYLOAD_LIMIT, Payload } from './payload.ts';
import { Scheduler } from './scheduler.ts';
import type { EventListener, Services } from './services.ts';
import { ActivityQueue, type ActivityWork } from './task/activity-queue.ts';
import type { TaskPort } from './task/task-port.ts';
import { TaskTokenRefused, TaskTokens } from './task/task-tokens.ts';

export interface EngineOptions {
  readonly tasks: TaskPort;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** In [0, 1), for jitter, `$random()` and the like. Default: Math.random. */
  readonly random?: () => number;
  /** Default: random UUIDs. */
  readonly uuid?: () => string;
  /** Told of every event as it is recorded, children of Distributed Maps included. */
  readonly onEvent?: EventListener;
  /**
   * The recorded events of a Distributed Map's child, by its ARN: asked for when the parent is resumed
   * or redriven. Default: children are run again.
   */
  readonly pastOf?: (executionArn: string) => readonly HistoryEvent[] | undefined;
  /** Where Distributed Maps read and write. Default: a definition that needs it fails at that state. */
  readonly store?: ObjectStore;
  /**
   * Signs task tokens. Give the same one after a restart, so that tokens that are out stay good.
   * Default: a random one.
   */
  readonly tokenSecret?: string;
}

export interface StartOptions {
  /** JSON text. Default: '{}'. */
  readonly input?: string;
  /** Default: a UUID. */
  readonly name?: string;
  readonly stateMachineArn?: string;
  readonly executionArn?: string;
  readonly roleArn?: string;
  /** Milliseconds since the epoch. Default: now. */
  readonly startTime?: number;
}

/** Runs machines. One engine holds the clock, the task tokens and the activities of all its executions. */
export interface Engine {
  /** Starts an execution. @throws InputInvalid when the input is not JSON, too deep or over 256 KiB. */
  start(machine: Machine, options?: StartOptions): Execution;
  /**
   * Goes on with an execution whose process ended: steps that have succeeded are not run again, a step
   * that was in flight is. An execution that had ended already ends the same way at once.
   */
  resume(machine: Machine, events: readonly HistoryEvent[], options?: StartOptions): Execution;
  /**
   * Runs the unsuccessful states of a failed, aborted or timed-out execution again, and only those;
   * their retries count from zero. (AWS: RedriveExecution.)
   */
  redrive(machine: Machine, events: readonly HistoryEvent[], options?: StartOptions): Execution;
  /** @throws TaskTokenRefused */
  sendTaskSuccess(taskToken: string, output: string): void;
  /** @throws TaskTokenRefused */
  sendTaskFailure(taskToken: string, error?: string, cause?: string): void;
  /** @throws TaskTokenRefused */
  sendTaskHeartbeat(taskToken: string): void;
  /** Whether a state waits for this token, and no answer to it has been recorded yet. */
  waitsFor(taskToken: string): boolean;
  /** The next task of an activity; undefined when `signal` is aborted first. */
  getActivityTask(
    activityArn: string,
    options: { readonly workerName?: string; readonly signal: AbortSignal },
  ): Promise<ActivityWork | undefined>;
}

export function createEngine(options: EngineOptions): Engine {
  const services = servicesOf(options);
  return {
    start(machine, start = {}) {
      const input = readInput(start.input ?? '{}');
      const identity = identify(machine, services, start, 0);
      const execution = new Execution(machine, identity, input, services);
      execution.start();
      return execution;
    },
    resume: (machine, events, start = {}) => takeUp(machine, services, events, start, false),
    redrive: (machine, events, start = {}) => takeUp(machine, services, events, start, true),
    sendTaskSuccess(taskToken, output) {
      const holder = services.tokens.holder(taskToken);
      try {
        Payload.ofText(output);
      } catch {
        throw new TaskTokenRefused(
          'InvalidOutput',
          "Invalid Output: 'The output must be valid JSON.'",
        );
      }
      holder.succeed(output);
    },
    sendTaskFailure: (taskToken, error, cause) =>
      services.tokens.holder(taskToken).fail(error, cause),
    sendTaskHeartbeat: (taskToken) => services.tokens.holder(taskToken).heartbeat(),
    waitsFor: (taskToken) => services.tokens.isHeld(taskToken),
    getActivityTask: (activityArn, { workerName, signal }) =>
      services.activities.take(activityArn, workerName, signal),
  };
}

function servicesOf(options: EngineOptions): Services {
  const clock = options.clock ?? realClock;
  return {
    clock,
    scheduler: new Scheduler(clock),
    tasks: options.tasks,
    tokens: new TaskTokens(options.tokenSecret ?? randomUUID()),
    activities: new ActivityQueue(),
    store: options.store,
    now: () => clock.now(),
    random: options.random ?? Math.random,
    uuid: options.uuid ?? randomUUID,
    onEvent: options.onEvent,
    pastOf: options.pastOf,
  };
}

function takeUp(
  machine: Machine,
  services: Services,
  events: readonly HistoryEvent[],
  start: StartOptions,
  redrive: boolean,
): Execution {
  const first = events[0];
  if (first?.type !== 'ExecutionStarted') {
    throw new InputInvalid('The history does not begin with ExecutionStarted.');
  }
  const added = redrive ? [redriveEvent(events, services.clock.now())] : [];
  const past = new PastHistory(events, added);
  const input = readInput(first.details?.input ?? '{}');
  const identity = identify(
    machine,
    services,
    { startTime: first.timestamp, ...start },
    past.redriveCount,
  );
  const execution = new Execution(machine, identity, input, services, { past });
  execution.start();
  return execution;
}

function readInput(text: string): Payload {
  if (!fitsBytes(text, PAYLOAD_LIMIT)) {
    throw new InputInvalid(
      `The input takes more than the ${PAYLOAD_LIMIT} bytes that an execution may have. Pass a reference to the data instead.`,
    );
  }
  try {
    return Payload.ofText(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new InputInvalid(`The input is not JSON that can be read: ${why}`);
  }
}

function identify(
  machine: Machine,
  services: Services,
  start: StartOptions,
  redriveCount: number,
): ExecutionIdentity {
  const name = start.name ?? services.uuid();
  const stateMachineArn =
    start.stateMachineArn ?? 'arn:aws:states:us-east-1:123456789012:stateMachine:machine';
  const stateMachineName = stateMachineArn.split(':')[6] ?? '';
  const kind = machine.type === 'EXPRESS' ? 'express' : 'execution';
  const base = stateMachineArn.replace(':stateMachine:', `:${kind}:`);
  const unique = machine.type === 'EXPRESS' ? `:${services.uuid()}` : '';
  return {
    name,
    stateMachineArn,
    stateMachineName,
    executionArn: start.executionArn ?? `${base}:${name}${unique}`,
    roleArn: start.roleArn ?? 'arn:aws:iam::123456789012:role/machine',
    startTime: start.startTime ?? services.clock.now(),
    redriveCount,
  };
}
