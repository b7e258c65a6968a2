import type { MapItem } from '../context-object.ts';
import { Execution } from '../execution.ts';
import { PastHistory } from '../history/past.ts';
import { endedUnsuccessfully, redriveEvent, redrives } from '../history/redrive.ts';
import type { Machine } from '../machine.ts';
import type { Payload } from '../payload.ts';
import type { Strand, Wait } from '../strand.ts';
import { itemArn } from './item-arn.ts';
import type { ChildResult } from './result-writer.ts';
import type { Tolerance } from './tolerance.ts';

/** AWS: a Map Run has at most 10,000 children at a time. */
const CHILDREN_LIMIT = 10_000;

export interface MapRunPlan {
  readonly arn: string;
  readonly label: string;
  readonly machine: Machine;
  readonly inputs: readonly Payload[];
  /** The items as they stand in the children's context object; by batch none. */
  readonly items: readonly MapItem[] | undefined;
  readonly maxConcurrency: number;
  readonly tolerance: Tolerance;
}

/** The children of a Distributed Map, as DescribeMapRun counts them. */
export interface MapRunCounts {
  readonly total: number;
  readonly pending: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly aborted: number;
}

/** The run of a Distributed Map's children: executions of their own, so many at a time. */
export class MapRun implements Wait {
  plan: MapRunPlan;
  /** Milliseconds since the epoch. */
  readonly startDate: number;
  stopDate: number | undefined;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED' = 'RUNNING';
  readonly results: (ChildResult | undefined)[] = [];
  readonly #parent: Strand;
  readonly #ended: (exceeded: boolean) => void;
  readonly #running = new Set<Execution>();
  #next = 0;
  #succeeded = 0;
  #failed = 0;
  #aborted = 0;

  constructor(parent: Strand, plan: MapRunPlan, ended: (exceeded: boolean) => void) {
    this.#parent = parent;
    this.#ended = ended;
    this.plan = plan;
    this.startDate = parent.execution.services.clock.now();
  }

  get arn(): string {
    return this.plan.arn;
  }

  get counts(): MapRunCounts {
    const total = this.plan.inputs.length;
    const [running, succeeded, failed] = [this.#running.size, this.#succeeded, this.#failed];
    const aborted = this.#aborted;
    const pending = total - running - succeeded - failed - aborted;
    return { total, pending, running, succeeded, failed, aborted };
  }

  start(): void {
    if (this.plan.inputs.length === 0) this.#close('SUCCEEDED');
    else this.#fill();
  }

  /** Changes the limits while it runs: more children start at once, fewer as others end. (UpdateMapRun.) */
  update(limits: { readonly maxConcurrency?: number; readonly tolerance?: Tolerance }): void {
    if (this.status !== 'RUNNING') return;
    this.plan = { ...this.plan, ...limits };
    this.#parent.later(() => this.#settle());
  }

  #fill(): void {
    const { inputs, maxConcurrency } = this.plan;
    const width = maxConcurrency === 0 ? CHILDREN_LIMIT : Math.min(maxConcurrency, CHILDREN_LIMIT);
    while (this.#running.size < width && this.#next < inputs.length && this.status === 'RUNNING')
      this.#begin(this.#next++);
  }

  #begin(index: number): void {
    const { execution } = this.#parent;
    const child = this.#child(index);
    this.#running.add(child);
    child.done.then((outcome) => {
      if (this.status !== 'RUNNING') return;
      const { identity, input } = child;
      this.results[index] = {
        executionArn: identity.executionArn,
        stateMachineArn: identity.stateMachineArn,
        name: identity.name,
        input,
        status: outcome.status,
        output: outcome.status === 'SUCCEEDED' ? outcome.output : undefined,
        error: outcome.status === 'SUCCEEDED' ? undefined : outcome.error,
        cause: outcome.status === 'SUCCEEDED' ? undefined : outcome.cause,
        startDate: identity.startTime,
        stopDate: execution.services.clock.now(),
      };
      this.#running.delete(child);
      if (outcome.status === 'SUCCEEDED') this.#succeeded++;
      else this.#failed++;
      this.#parent.later(() => this.#settle());
    });
    child.start();
  }

  /** The child's ARN follows from the Map Run's, so that a resumed run finds the children it had. */
  #child(index: number): Execution {
    const { execution } = this.#parent;
    const { identity, services } = execution;
    const { arn, label, machine, inputs, items } = this.plan;
    const stateMachineArn = `${identity.stateMachineArn}/${label}`;
    const executionArn = itemArn(arn, index, machine.type === 'EXPRESS' ? 'express' : 'execution');
    const name = executionArn.slice(executionArn.lastIndexOf(':') + 1);
    const past = this.#pastOf(executionArn);
    return new Execution(
      machine,
      {
        ...identity,
        name,
        executionArn,
        stateMachineArn,
        stateMachineName: `${identity.stateMachineName}/${label}`,
        startTime: past?.events[0]?.timestamp ?? services.clock.now(),
        redriveCount: past?.redriveCount ?? 0,
      },
      inputs[index] as Payload,
      services,
      { past, mapItem: items?.[index], mapRunArn: arn },
    );
  }

  /** A child that an earlier process began; where its parent is redriven, so is a child that failed. */
  #pastOf(executionArn: string): PastHistory | undefined {
    const { past, services } = this.#parent.execution;
    const events = past && services.pastOf?.(executionArn);
    if (!events || events.length === 0) return undefined;
    const again = endedUnsuccessfully(events) && redrives(events) < past.redriveCount;
    return new PastHistory(events, again ? [redriveEvent(events, services.clock.now())] : []);
  }

  #settle(): void {
    if (this.status !== 'RUNNING') return;
    if (this.#exceeded()) {
      this.#close('FAILED');
      return;
    }
    if (this.#next >= this.plan.inputs.length && this.#running.size === 0) this.#close('SUCCEEDED');
    else this.#fill();
  }

  /** Both thresholds count; without either, the first failure is one too many. */
  #exceeded(): boolean {
    if (this.#failed === 0) return false;
    const { count, percentage } = this.plan.tolerance;
    if (count === undefined && percentage === undefined) return true;
    const share = (100 * this.#failed) / this.plan.inputs.length;
    return (
      (count !== undefined && this.#failed > count) ||
      (percentage !== undefined && share > percentage)
    );
  }

  #close(status: 'SUCCEEDED' | 'FAILED'): void {
    this.status = status;
    this.stopDate = this.#parent.execution.services.clock.now();
    this.#stopChildren();
    this.#ended(status === 'FAILED');
  }

  cancel(): void {
    if (this.status !== 'RUNNING') return;
    this.status = 'ABORTED';
    this.stopDate = this.#parent.execution.services.clock.now();
    this.#stopChildren();
  }

  #stopChildren(): void {
    this.#aborted += this.#running.size;
    for (const child of this.#running) child.stop();
    this.#running.clear();
  }
}
