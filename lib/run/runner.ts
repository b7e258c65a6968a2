import type { Json } from '../json.ts';
import type { Approval, ApprovalAnswer } from './approval.ts';
import type { Run, RunEvent } from './run.ts';
import type { TokenEvent } from './token-event.ts';

export interface StartOptions {
  /**
   * The run's id, and so its idempotency key: at most 80 characters of `[0-9A-Za-z-_]`. The same id
   * and input while the run is open gives that run; anything else throws `RunConflict`. Default: a
   * new ULID-like id.
   */
  readonly id?: string;
  /**
   * Somebody watches: the run's model calls are streamed, and `events` tells their text as it comes.
   * The run's id then ends in '--watched', so an id that is given has at most 71 characters. Default:
   * false, and nothing is streamed or kept.
   */
  readonly watch?: boolean;
  /**
   * The id of a run of the same workflow: model calls that say `reuse` take its answers, and those of all
   * runs of its lineage. The new run's id is the other's, '--reuse-' and ten characters, which an `id`
   * that is given decides.
   */
  readonly reuse?: string;
}

export interface FollowOptions {
  /** The id of the last event that is known already. Default: 0, none. */
  readonly after?: number;
  /** Aborting it ends the iteration without an error. */
  readonly signal?: AbortSignal;
}

export interface WatchOptions extends FollowOptions {
  /** The position of the last tokens that are known already; 0: none. undefined: tells no tokens. */
  readonly afterTokens: number | undefined;
}

export interface GetOptions {
  /** Leaves the references in the output, so that the run has at most Step Functions' 256 KiB. Default: false. */
  readonly references?: boolean;
}

/** One port, two worlds: `LocalRunner` and `CloudRunner` pass the same contract suite. */
export interface Runner {
  /** The workflows that can be started. */
  workflows(): Promise<readonly WorkflowInfo[]>;
  /**
   * Checks the input against the workflow's schema, fills its defaults and starts a run.
   * @throws WorkflowNotFound, InputInvalid, RunConflict; RunNotFound for a run to reuse that is not there;
   *   UsageError for an id that cannot be one
   */
  start(workflow: string, input: Json, options?: StartOptions): Promise<Run>;
  /**
   * What happened so far. Of a run that has succeeded the output is whole: what its steps put aside for
   * its size is in its place. Where that is gone or may not be read, the reference stays.
   * @throws RunNotFound
   */
  get(workflow: string, id: string, options?: GetOptions): Promise<Run>;
  /** Newest first. */
  list(workflow: string, options?: { readonly limit?: number }): Promise<readonly RunSummary[]>;
  /** Stops an open run: status ABORTED; a closed run is left and told as it is. @throws RunNotFound */
  stop(workflow: string, id: string, reason?: string): Promise<Run>;
  /**
   * Runs the unsuccessful steps of a failed, aborted or timed-out run again, and only those: branches
   * and iterations that have succeeded keep their results. The same run goes on, with the document and
   * the input that it was started with (AWS: RedriveExecution).
   * @throws RunNotFound; RunConflict when it is open or has succeeded
   */
  redrive(workflow: string, id: string): Promise<Run>;
  /**
   * The run's events from the first (or the one after `after`) until it is closed, then ends. Task
   * tokens are left out of them.
   *
   * With `afterTokens`, and where the run was started with `watch`, also the text of its model calls as
   * it comes, those tokens that come after that position. They are no part of the history: on this
   * machine the process that runs the run keeps the last four million characters of it while it is
   * open, and those of the last eight runs that have closed; in AWS they are kept for an hour. What
   * counts when a step has ended is its result.
   * @throws RunNotFound
   */
  events(workflow: string, id: string, options: WatchOptions): AsyncIterable<RunEvent | TokenEvent>;
  events(workflow: string, id: string, options?: FollowOptions): AsyncIterable<RunEvent>;
  /**
   * What the run has asked people so far, in order. Not those of a Distributed Map's children: they are
   * answered by their links.
   * @throws RunNotFound
   */
  approvals(workflow: string, id: string): Promise<readonly Approval[]>;
  /**
   * Answers what waits. The first answer counts, whichever way it comes.
   * @param approval the approval's id
   * @throws RunNotFound, ApprovalNotFound; RunConflict when it no longer waits, and says why
   */
  answer(workflow: string, id: string, approval: string, answer: ApprovalAnswer): Promise<Approval>;
  /** Frees what the runner holds: workers, servers, sockets. Open local runs are stopped. */
  close(): Promise<void>;
}

export interface WorkflowInfo {
  readonly name: string;
  readonly description: string | null;
  readonly inputSchema: Json;
}

export interface RunSummary {
  readonly id: string;
  readonly workflow: string;
  readonly status: Run['status'];
  readonly startedAt: string;
  readonly stoppedAt: string | null;
  /** As in `Run`: open, and nobody goes on with it. */
  readonly interrupted?: true;
}
