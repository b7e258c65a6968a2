import { randomUUID } from 'node:crypto';
import type { Clock } from '../../engine/clock/clock.ts';
import type { Engine, StartOptions } from '../../engine/engine.ts';
import type { Execution } from '../../engine/execution.ts';
import type { HistoryEvent } from '../../engine/history/event.ts';
import { executionArn, parseArn } from './arn.ts';
import { executionInput } from './execution-input.ts';
import { checkName } from './name.ts';
import type { ExecutionRecord } from './records.ts';
import { notRedrivable } from './redrivable.ts';
import {
  executionAlreadyExists,
  executionDoesNotExist,
  executionNotRedrivable,
} from './service-error.ts';
import type { StateMachines, Target } from './state-machines.ts';
import type { EndpointStore } from './store.ts';

/** What an execution is started with; `arn` names a machine, a version or an alias. */
export interface StartRequest {
  readonly arn: string;
  readonly name?: string | undefined;
  /** JSON text. Default: '{}'. */
  readonly input?: string | undefined;
  readonly traceHeader?: string | undefined;
}

/** Starts, finds, stops and redrives executions, and keeps their records and histories. */
export class Executions {
  readonly #store: EndpointStore;
  readonly #machines: StateMachines;
  readonly #engine: () => Engine;
  readonly #clock: Clock;
  /** The executions that run in this process, children of Map Runs not included. */
  readonly running = new Map<string, Execution>();
  readonly #children = new Map<string, Execution>();
  #sequence: number;

  constructor(store: EndpointStore, machines: StateMachines, engine: () => Engine, clock: Clock) {
    this.#store = store;
    this.#machines = machines;
    this.#engine = engine;
    this.#clock = clock;
    this.#sequence = 0;
    for (const { sequence } of store.executions.all())
      this.#sequence = Math.max(this.#sequence, sequence);
  }

  /** The record of an execution of a Standard machine. @throws ServiceError */
  find(arn: string): ExecutionRecord {
    parseArn(arn, 'execution');
    const record = this.#store.executions.get(arn);
    if (!record) throw executionDoesNotExist(arn);
    return record;
  }

  /**
   * Starts an execution. The same name and input as one that is running is that one; an Express
   * execution is always a new one. (AWS: StartExecution, idempotency.)
   */
  start(request: StartRequest): { readonly arn: string; readonly startDate: number } {
    const { arn, startDate } = this.#begin(request, this.#machines.resolve(request.arn));
    return { arn, startDate };
  }

  /** Starts an Express execution and gives it, so that its end can be awaited. */
  startExpress(request: StartRequest, target: Target): Execution {
    return this.#run(request, target, undefined);
  }

  #begin(request: StartRequest, target: Target): { arn: string; startDate: number } {
    if (target.machine.type === 'EXPRESS') {
      const { identity } = this.#run(request, target, undefined);
      return { arn: identity.executionArn, startDate: identity.startTime };
    }
    const name = checkName(request.name ?? randomUUID());
    const arn = executionArn(target.machine.arn, name);
    const input = executionInput(request.input);
    const known = this.#store.executions.get(arn);
    if (known) {
      if (known.status === 'RUNNING' && known.input === input) return known;
      throw executionAlreadyExists(arn);
    }
    const startDate = this.#clock.now();
    this.#run({ ...request, name, input }, target, { arn, startDate });
    return { arn, startDate };
  }

  #run(
    request: StartRequest,
    target: Target,
    standard: { readonly arn: string; readonly startDate: number } | undefined,
  ): Execution {
    const { machine, revision } = target;
    const name = checkName(request.name ?? randomUUID());
    const input = executionInput(request.input);
    const compiled = this.#machines.compile(revision, machine.type);
    if (standard) this.#create({ ...request, name, input }, target, standard);
    const execution = this.#engine().start(compiled, {
      input,
      name,
      stateMachineArn: machine.arn,
      roleArn: revision.roleArn,
      ...(standard && { executionArn: standard.arn, startTime: standard.startDate }),
    });
    this.#watch(execution);
    return execution;
  }

  #create(
    { input = '{}', name = '', traceHeader }: StartRequest,
    { machine, revision, versionArn, aliasArn }: Target,
    { arn, startDate }: { readonly arn: string; readonly startDate: number },
  ): void {
    this.#put({
      ...{ arn, name, input, traceHeader, startDate, versionArn, aliasArn },
      machineArn: machine.arn,
      revision: revision.id,
      mapRunArn: undefined,
    });
  }

  #put(
    record: Omit<ExecutionRecord, keyof typeof fresh | 'sequence'> & Partial<ExecutionRecord>,
  ): ExecutionRecord {
    const whole: ExecutionRecord = { ...fresh, sequence: ++this.#sequence, ...record };
    this.#store.executions.put(whole.arn, whole);
    return whole;
  }

  #watch(execution: Execution): void {
    const arn = execution.identity.executionArn;
    if (!execution.running) return;
    this.running.set(arn, execution);
    void execution.done.then(() => {
      if (this.running.get(arn) === execution) this.running.delete(arn);
    });
  }

  /** Ends a running execution; one that has ended stays as it is. Gives when it ended. */
  stop(arn: string, error?: string, cause?: string): number {
    this.find(arn);
    (this.running.get(arn) ?? this.#children.get(arn))?.stop(error, cause);
    return this.find(arn).stopDate ?? this.#clock.now();
  }

  /** Runs the unsuccessful states of a closed execution again. Gives when. @throws ServiceError */
  redrive(arn: string, clientToken: string | undefined): number {
    const record = this.find(arn);
    if (clientToken !== undefined && clientToken === record.redriveToken)
      return record.redriveDate ?? record.startDate;
    const reason = notRedrivable(record, this.#store.history(arn).length, this.#clock.now());
    if (reason !== undefined) throw executionNotRedrivable(reason);
    const redriveDate = this.#clock.now();
    this.#store.executions.put(arn, { ...record, redriveToken: clientToken, redriveDate });
    this.#takeUp(record, 'redrive');
    return this.find(arn).redriveDate ?? redriveDate;
  }

  /**
   * Goes on with what a former process of a durable store has left open. What cannot be gone on with
   * (its machine names a resource that is served no more) stays open, and `onFault` is told.
   */
  resumeAll(onFault?: (error: unknown) => void): void {
    for (const record of [...this.#store.executions.all()]) {
      const open = record.status === 'RUNNING' && record.mapRunArn === undefined;
      if (!open || this.running.has(record.arn)) continue;
      try {
        this.#takeUp(record, 'resume');
      } catch (error) {
        onFault?.(error);
      }
    }
  }

  #takeUp(record: ExecutionRecord, how: 'resume' | 'redrive'): void {
    const revision = this.#machines.revision(record.revision);
    const machine = this.#machines.compile(revision, 'STANDARD');
    const start: StartOptions = {
      name: record.name,
      input: record.input,
      stateMachineArn: record.machineArn,
      executionArn: record.arn,
      roleArn: revision.roleArn,
      startTime: record.startDate,
    };
    const events = [...this.#store.history(record.arn)];
    if (events.length === 0) this.#watch(this.#engine().start(machine, start));
    else this.#watch(this.#engine()[how](machine, events, start));
  }

  /** Keeps an event that the engine has recorded, and what follows from it for the record. */
  keep(event: HistoryEvent, arn: string, execution: Execution): void {
    if (execution.machine.type === 'EXPRESS') return;
    const record = this.#store.executions.get(arn) ?? this.#createChild(arn, execution);
    this.#store.append(arn, event);
    const change = changeBy(event);
    if (change) this.#store.executions.put(arn, { ...record, ...change });
    if (change?.stopDate !== undefined) this.#children.delete(arn);
    else if (execution.mapRunArn !== undefined) this.#children.set(arn, execution);
  }

  #createChild(arn: string, execution: Execution): ExecutionRecord {
    const { identity, input, mapRunArn, machine } = execution;
    const revision = mapRunArn ?? arn;
    if (!this.#store.revisions.get(revision)) {
      this.#store.revisions.put(revision, {
        id: revision,
        revisionId: undefined,
        definition: machine.definition,
        roleArn: identity.roleArn ?? '',
        loggingConfiguration: { level: 'OFF', includeExecutionData: false },
        tracingConfiguration: { enabled: false },
        updateDate: identity.startTime,
      });
    }
    return this.#put({
      arn,
      name: identity.name,
      machineArn: identity.stateMachineArn,
      startDate: identity.startTime,
      ...{ input: input.text, revision, mapRunArn },
    });
  }
}

const fresh = {
  status: 'RUNNING',
  versionArn: undefined,
  aliasArn: undefined,
  traceHeader: undefined,
  stopDate: undefined,
  output: undefined,
  error: undefined,
  cause: undefined,
  redriveCount: 0,
  redriveDate: undefined,
  redriveToken: undefined,
} as const;

const ENDS: Readonly<Record<string, ExecutionRecord['status']>> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
};

/** What an event changes in its execution's record. */
function changeBy({
  type,
  timestamp,
  details,
}: HistoryEvent): Partial<ExecutionRecord> | undefined {
  const status = ENDS[type];
  if (status) {
    const { output, error, cause } = details ?? {};
    return { status, stopDate: timestamp, output, error, cause };
  }
  if (type !== 'ExecutionRedriven') return undefined;
  return {
    status: 'RUNNING',
    stopDate: undefined,
    output: undefined,
    error: undefined,
    cause: undefined,
    redriveCount: Number(details?.redriveCount ?? 0),
    redriveDate: timestamp,
  };
}
