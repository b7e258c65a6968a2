import type { Clock } from './clock/clock.ts';
import type { HistoryEvent } from './history/event.ts';
import type { ObjectStore } from './object-store.ts';
import type { Scheduler } from './scheduler.ts';
import type { ActivityQueue } from './task/activity-queue.ts';
import type { TaskPort } from './task/task-port.ts';
import type { TaskTokens } from './task/task-tokens.ts';

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
  readonly onEvent: ((event: HistoryEvent, executionArn: string) => void) | undefined;
}
