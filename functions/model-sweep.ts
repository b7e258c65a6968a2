import { taskCallbacks } from '../lib/callback/task-callbacks.ts';
import { deskOf } from '../lib/model/background/function-desk.ts';
import { type Swept, sweepJobs } from '../lib/model/background/sweep.ts';
import { type BatchesSwept, sweepBatches } from '../lib/model/batch/sweep.ts';

/** A run has ended (EventBridge, "Step Functions Execution Status Change"), or a minute is over. */
export interface SweepEvent {
  readonly detail?: { readonly name?: string };
  /** Ids of jobs, from the local runner. */
  readonly jobs?: readonly string[];
  /** From the local runner: what waits for a batch is given at once, and every open batch is looked at. */
  readonly batches?: boolean;
}

export interface SweepContext {
  getRemainingTimeInMillis(): number;
}

/** Kept for the job that was begun last. */
const reserve = 25_000;

/**
 * Looks after calls that no webhook has ended: those of a run that has ended, those that the event names,
 * or else, once a minute, those whose time to be looked at has come. The minute also gives the provider
 * what waits for a batch, and looks at the batches.
 *
 * Environment: see `deskOf`.
 */
export const handler = async (
  event: SweepEvent,
  context: SweepContext,
): Promise<Swept | BatchesSwept | (Swept & BatchesSwept)> => {
  const desk = { ...deskOf(process.env), tokens: taskCallbacks(process.env) };
  const over = Date.now() + context.getRemainingTimeInMillis() - reserve;
  const run = event.detail?.name;
  const { jobs } = desk;
  if (event.batches) return sweepBatches('all', desk, over);
  const named = event.jobs ?? (run === undefined ? null : await jobs.ofRun(run));
  if (named) return sweepJobs(named, desk, over);
  const batches = await sweepBatches('due', desk, over);
  return { ...batches, ...(await sweepJobs(await jobs.due(Date.now()), desk, over)) };
};
