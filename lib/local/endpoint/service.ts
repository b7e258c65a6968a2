import { randomUUID } from 'node:crypto';
import type { Clock } from '../../engine/clock/clock.ts';
import { realClock } from '../../engine/clock/real-clock.ts';
import { createEngine, type Engine } from '../../engine/engine.ts';
import type { Execution } from '../../engine/execution.ts';
import type { HistoryEvent } from '../../engine/history/event.ts';
import type { ObjectStore } from '../../engine/object-store.ts';
import type { TaskPort } from '../../engine/task/task-port.ts';
import { Executions } from './executions.ts';
import { MapRuns } from './map-runs.ts';
import { StateMachines } from './state-machines.ts';
import { type EndpointStore, memoryStore } from './store.ts';

export interface ServiceOptions {
  /** What serves the tasks of all executions. A function is given the service: for `startExecution`. */
  readonly tasks: TaskPort | ((service: Service) => TaskPort);
  /** Default: in memory. */
  readonly store?: EndpointStore;
  /** Where Distributed Maps read and write. Default: a definition that needs it fails at that state. */
  readonly objects?: ObjectStore;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** In [0, 1): chooses among an alias's versions, and is the engine's. Default: Math.random. */
  readonly random?: () => number;
  /** Signs task tokens; give the same one again after a restart. Default: a random one. */
  readonly tokenSecret?: string;
}

/** Step Functions on this machine: what the operations of the API work on. */
export class Service {
  readonly store: EndpointStore;
  readonly clock: Clock;
  readonly tasks: TaskPort;
  readonly engine: Engine;
  readonly machines: StateMachines;
  readonly executions: Executions;
  readonly mapRuns: MapRuns;

  constructor(options: ServiceOptions) {
    const { tasks, objects, tokenSecret, random = Math.random } = options;
    this.store = options.store ?? memoryStore();
    this.clock = options.clock ?? realClock;
    this.tasks = typeof tasks === 'function' ? tasks(this) : tasks;
    this.machines = new StateMachines(this.store, this.tasks, random);
    this.executions = new Executions(this.store, this.machines, () => this.engine, this.clock);
    this.mapRuns = new MapRuns(this.store, this.executions.running);
    this.engine = createEngine({
      tasks: this.tasks,
      clock: this.clock,
      random,
      onEvent: (event, arn, execution) => this.#keep(event, arn, execution),
      pastOf: (arn) => this.store.history(arn),
      tokenSecret: tokenSecret ?? randomUUID(),
      ...(objects && { store: objects }),
    });
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.clock.now();
  }

  #keep(event: HistoryEvent, arn: string, execution: Execution): void {
    this.executions.keep(event, arn, execution);
    const ended = /^(?:MapRun|Execution)(?:Succeeded|Failed|Aborted|TimedOut)$/.test(event.type);
    if (ended && execution.mapRuns.length > 0) this.mapRuns.keep(execution);
  }

  /** Ends all running executions, unless the store keeps them for another process to go on with. */
  close(): void {
    if (this.store.durable) return;
    for (const execution of [...this.executions.running.values()])
      execution.stop(undefined, 'The endpoint was closed.');
  }
}
