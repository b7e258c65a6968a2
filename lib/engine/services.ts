import type { Clock } from './clock/clock.ts';
import type { Execution } from './execution.ts';
import type { HistoryEvent } from './history/event.ts';
import type { ObjectStore } from './object-store.ts';
import type { Scheduler } from './scheduler.ts';
import type { ActivityQueue } from './task/activity-queue.ts';
import type { TaskPort } from './task/task-port.ts';
import type { TaskTokens } from './task/task-tokens.ts';

/** Is told of an event; `execution` is a child's own where the event is that of a Map Run's child. */
export type EventListener = (
  event: HistoryEvent,
  executionArn: string,
  execution: Execution,
) => void;

/** What the executions of one engine share. */
export interface Services {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly tasks: TaskPort;
  readonly tokens: TaskTokens;
  readonly activities: ActivityQueue;
  readonly store: ObjectStore | undefined;
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly uuid: () => string;
  /** Told of every event as it is recorded, in order, before anything that follows from it. */
  readonly onEvent: EventListener | undefined;
  /** What is recorded of a Distributed Map's child, for a resumed or redriven parent. */
  readonly pastOf: ((executionArn: string) => readonly HistoryEvent[] | undefined) | undefined;
}
