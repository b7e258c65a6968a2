import type { HistoryEvent } from '../../engine/history/event.ts';
import type {
  ActivityRecord,
  AliasRecord,
  ExecutionRecord,
  MapRunRecord,
  RevisionRecord,
  StateMachineRecord,
  VersionRecord,
} from './records.ts';

/** Records of one kind under their keys. What is given in is never changed afterwards. */
export interface Table<T> {
  get(key: string): T | undefined;
  put(key: string, record: T): void;
  delete(key: string): void;
  /** In the order in which the keys were put first. */
  all(): Iterable<T>;
}

/**
 * Where the service keeps what it knows. All calls are synchronous: a call has taken effect when it
 * returns. Records and events are plain data.
 */
export interface EndpointStore {
  /** Whether what is kept outlives the process: running executions are then left open at the end. */
  readonly durable: boolean;
  readonly machines: Table<StateMachineRecord>;
  readonly revisions: Table<RevisionRecord>;
  readonly versions: Table<VersionRecord>;
  readonly aliases: Table<AliasRecord>;
  readonly activities: Table<ActivityRecord>;
  readonly executions: Table<ExecutionRecord>;
  readonly mapRuns: Table<MapRunRecord>;
  /** Adds an event to an execution's history; ids come dense and in order. */
  append(executionArn: string, event: HistoryEvent): void;
  history(executionArn: string): readonly HistoryEvent[];
  /** Forgets an execution's history. */
  forget(executionArn: string): void;
}

/** A store in memory: it ends with the process. */
export function memoryStore(): EndpointStore {
  const histories = new Map<string, HistoryEvent[]>();
  return {
    durable: false,
    machines: memoryTable(),
    revisions: memoryTable(),
    versions: memoryTable(),
    aliases: memoryTable(),
    activities: memoryTable(),
    executions: memoryTable(),
    mapRuns: memoryTable(),
    append(executionArn, event) {
      const history = histories.get(executionArn);
      if (history) history.push(event);
      else histories.set(executionArn, [event]);
    },
    history: (executionArn) => histories.get(executionArn) ?? [],
    forget(executionArn) {
      histories.delete(executionArn);
    },
  };
}

function memoryTable<T>(): Table<T> {
  const records = new Map<string, T>();
  return {
    get: (key) => records.get(key),
    put(key, record) {
      records.set(key, record);
    },
    delete(key) {
      records.delete(key);
    },
    all: () => records.values(),
  };
}
