import type { HistoryEvent } from '../engine/history/event.ts';
import type { Json } from '../json.ts';
import type { Price, Usage } from '../model/result.ts';
import type { SpentBudget } from './spent-budget.ts';

/** AWS's words for the state of an execution (DescribeExecution `status`). */
export type RunStatus = Run['status'];

interface RunBase {
  /** The execution's name: at most 80 characters of `[0-9A-Za-z-_]`. */
  readonly id: string;
  readonly workflow: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly input: Json;
  /** One for each state that was entered and calls a function or holds branches, in order of entry. */
  readonly steps: readonly RunStep[];
  /** Summed over all steps; an execution that a step has started counts its own. */
  readonly usage: Usage;
  /** Summed over all steps whose price is known; null when no step had a known price. */
  readonly price: Price | null;
  /** What its budget limits, and what is left of it. Absent: it has none, or no call was made yet. */
  readonly budget?: SpentBudget;
  /**
   * false: it has a Distributed Map, whose items are executions of their own, and usage, price and budget
   * are without them, because their histories were not read (of a run in AWS they are not). Absent
   * elsewhere: they are whole.
   */
  readonly spendIsWhole?: false;
}

/** What happened, so far: folded from the events, the same for a local and a cloud run. */
export type Run =
  | (RunBase & {
      readonly status: 'RUNNING';
      /**
       * The process that ran it has ended without closing it: nobody goes on with it until it is
       * resumed. Only a run on this machine can be so.
       */
      readonly interrupted?: true;
    })
  | (RunBase & { readonly status: 'SUCCEEDED'; readonly stoppedAt: string; readonly output: Json })
  | (RunBase & {
      readonly status: 'FAILED' | 'TIMED_OUT' | 'ABORTED';
      readonly stoppedAt: string;
      readonly error: string | null;
      readonly cause: string | null;
    });

export type StepStatus = 'WAITING' | 'RUNNING' | 'RETRYING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';

export interface RunStep {
  /** The id of the state's Entered event: unique in the run, ordered by entry. */
  readonly id: number;
  /** The state's name. */
  readonly name: string;
  /** 'task'; 'gather' for a Parallel or Map; 'approval' for a task that asks a person. */
  readonly kind: 'task' | 'gather' | 'wait' | 'approval';
  /** The id of the gather that this step is a branch of, or null at the top. */
  readonly parent: number | null;
  /** In an iteration of a Map, its index: of the innermost. Absent elsewhere. */
  readonly item?: number;
  readonly status: StepStatus;
  /**
   * While it is parked on a task token (its status is WAITING): for a person's approval, or to be called
   * back by a service.
   */
  readonly waitsFor?: 'approval' | 'callback';
  readonly startedAt: string;
  readonly stoppedAt: string | null;
  /** How often the function was called, the calls that were put off left out. */
  readonly attempts: number;
  /**
   * How often a model call was put off until its turn (Model.Deferred): a limit or the provider had no
   * room. Absent where it never was. WAITING, with it, means that the call waits for its turn.
   */
  readonly deferrals?: number;
  readonly usage: Usage | null;
  readonly price: Price | null;
  /** 'gpt-5-mini-2025-08-07', where the step was a model call that has answered. */
  readonly model: string | null;
  /** Its answer was taken from an earlier call (`reuse`), and cost nothing. */
  readonly reused?: true;
  /**
   * The ARN of the execution that the step has started and waits for: a run of another workflow, with
   * steps, usage and price of its own, which are not counted here. Its last part is the run's id.
   */
  readonly execution?: string;
  /** The ARNs of the Map Runs that a Distributed Map has started: more than one where it was retried. */
  readonly mapRuns?: readonly string[];
  /** Of a Distributed Map: how many tasks its items have called; absent where that is not known. */
  readonly calls?: number;
  /** The last failure, also one that was caught or retried. */
  readonly error: { readonly name: string; readonly cause: string | null } | null;
}

/** An event with the run it belongs to, as `Runner.events` gives it. */
export interface RunEvent extends HistoryEvent {
  readonly run: string;
}
