import { taskCallbacks } from '../lib/callback/task-callbacks.ts';
import { deskOf } from '../lib/model/background/function-desk.ts';
import { type Swept, sweepJobs } from '../lib/model/background/sweep.ts';

/** A run has ended (EventBridge, "Step Functions Execution Status Change"), or a minute is over. */
export interface SweepEvent {
  readonly detail?: { readonly name?: string };
  /** Ids of jobs, from the local runner. */
  readonly jobs?: readonly string[];
}

export interface SweepContext {
  getRemainingTimeInMillis(): number;
}

/** Kept for the job that was begun last. */
const reserve = 25_000;

/**
 * Looks after background calls that no webhook has ended: those of a run that has ended, those that the
 * event names, or else those whose time to be looked at has come.
 *
 * Environment: see `deskOf`.
 */
export const handler = async (event: SweepEvent, context: SweepContext): Promise<Swept> => {
  const desk = { ...deskOf(process.env), tokens: taskCallbacks(process.env) };
  const run = event.detail?.name;
  const { jobs } = desk;
  const ids =
    event.jobs ?? (run === undefined ? await jobs.due(Date.now()) : await jobs.ofRun(run));
  return sweepJobs(ids, desk, Date.now() + context.getRemainingTimeInMillis() - reserve);
};
