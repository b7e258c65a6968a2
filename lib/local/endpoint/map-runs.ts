import type { Execution } from '../../engine/execution.ts';
import type { MapRun } from '../../engine/map-run/map-run.ts';
import type { MapRunRecord } from './records.ts';
import { resourceNotFound } from './service-error.ts';
import type { EndpointStore } from './store.ts';

/** The Map Runs of a store, and those that are under way. */
export class MapRuns {
  readonly #store: EndpointStore;
  readonly #running: ReadonlyMap<string, Execution>;

  constructor(store: EndpointStore, running: ReadonlyMap<string, Execution>) {
    this.#store = store;
    this.#running = running;
  }

  /** Writes down how an execution's Map Runs stand: called when one has ended. */
  keep(execution: Execution): void {
    for (const run of execution.mapRuns) this.#store.mapRuns.put(run.arn, recordOf(run, execution));
  }

  /** The Map Runs of an execution, in the order of their starts. */
  of(executionArn: string): readonly MapRunRecord[] {
    const running = this.#running.get(executionArn);
    if (running) this.keep(running);
    return [...this.#store.mapRuns.all()].filter((run) => run.executionArn === executionArn);
  }

  /** @throws ServiceError `ResourceNotFound`. */
  find(arn: string): MapRunRecord {
    const live = this.live(arn);
    if (live) return recordOf(live.run, live.execution);
    const kept = this.#store.mapRuns.get(arn);
    if (!kept) throw resourceNotFound(arn);
    return kept;
  }

  /** A Map Run that is under way. */
  live(arn: string): { readonly run: MapRun; readonly execution: Execution } | undefined {
    for (const execution of this.#running.values()) {
      const run = execution.mapRuns.findLast((each) => each.arn === arn);
      if (run) return { run, execution };
    }
    return undefined;
  }
}

function recordOf(run: MapRun, { identity }: Execution): MapRunRecord {
  const { plan, arn, status, startDate, stopDate, counts } = run;
  return {
    ...{ arn, status, startDate, stopDate, counts },
    executionArn: identity.executionArn,
    machineArn: identity.stateMachineArn,
    maxConcurrency: plan.maxConcurrency,
    toleratedFailureCount: plan.tolerance.count ?? 0,
    toleratedFailurePercentage: plan.tolerance.percentage ?? 0,
  };
}
