import type { HistoryEvent } from '../engine/history/event.ts';
import { isWatched } from '../run-name.ts';
import { ClosedRuns } from './closed-runs.ts';
import { executionArn } from './execution-arn.ts';
import type { LocalRun } from './local-run.ts';
import type { Recorded } from './store/run-store.ts';

/** The runs that this process runs. A closed one is read from the store, so that a server does not grow. */
export class OpenRuns {
  readonly #byArn = new Map<string, LocalRun>();
  /** Their ARNs, by the key that each has in the store. */
  readonly #arns = new Map<Recorded, string>();
  /** Those that were watched and have closed a moment ago: a follower may come back for its tokens. */
  readonly #closed = new ClosedRuns();

  get size(): number {
    return this.#byArn.size;
  }

  get(workflow: string, id: string): LocalRun | undefined {
    return this.#byArn.get(executionArn(workflow, id));
  }

  /** Also one that was watched and has closed a moment ago. */
  watched(workflow: string, id: string): LocalRun | undefined {
    return this.get(workflow, id) ?? this.#closed.get(executionArn(workflow, id));
  }

  add(run: LocalRun): void {
    this.#byArn.set(executionArn(run.workflow, run.id), run);
  }

  /** The run has a place in the store. */
  keep(run: LocalRun, key: number): void {
    run.key = key;
    this.#arns.set(key, executionArn(run.workflow, run.id));
  }

  drop(run: LocalRun): void {
    if (run.key !== undefined) this.#arns.delete(run.key);
    this.#byArn.delete(executionArn(run.workflow, run.id));
  }

  /** Takes an event; gives the key under which it is kept: what is no run is a child of one's Distributed Map. */
  record(event: HistoryEvent, arn: string): Recorded {
    const run = this.#byArn.get(arn);
    if (run?.key === undefined) return arn;
    run.append(event);
    return run.key;
  }

  /** What was recorded under the key is on the disk. */
  written(key: Recorded): void {
    const run = this.#keyed(key);
    if (!run?.publish()) return;
    if (isWatched(run.id)) this.#closed.keep(executionArn(run.workflow, run.id), run);
    this.drop(run);
  }

  stop(key: Recorded, reason: string | undefined): void {
    this.#keyed(key)?.stop(reason);
  }

  stopAll(reason: string): void {
    for (const run of this.#byArn.values()) run.stop(reason);
  }

  failAll(error: unknown): void {
    for (const run of this.#byArn.values()) run.fail(error);
  }

  #keyed(key: Recorded): LocalRun | undefined {
    return this.#byArn.get(this.#arns.get(key) ?? '');
  }
}
