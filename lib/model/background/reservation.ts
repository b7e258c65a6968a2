import { priceFactor } from '../batch/price-factor.ts';
import { Reservations } from '../budget/budgeted-call.ts';
import { pursesOf } from '../budget/budgets-in-force.ts';
import { bounded } from '../budget/cost.ts';
import type { Spend } from '../spend.ts';
import type { SubmitDesk } from './desk.ts';
import type { Job } from './job.ts';

/**
 * What a job's budgets hold: reserved by the function that submits, settled by the one that ends it. Each
 * attempt reserves before it is sent the most that it may cost, as in the sync lane.
 */
export function reservationsOf(
  { request, budget, lane }: Pick<Job, 'request' | 'budget' | 'lane'>,
  { provider, budgetTable: table }: SubmitDesk,
): Reservations | null {
  if (budget === undefined) return null;
  const factor = priceFactor(lane, provider);
  const budgets = { purses: budget.purses, provider: provider.name, table, factor };
  return new Reservations(request, budgets, budget.held);
}

/** The job with the budgets that are in force: then its output is bounded. */
export function budgeted(job: Job, desk: SubmitDesk): Job {
  const purses = pursesOf(job.request, desk.environment, desk.now());
  if (purses.length === 0) return job;
  const held = new Reservations(job.request, { purses, provider: '', table: null }).held;
  return { ...job, asked: bounded(job.request), budget: { purses, held } };
}

/** The job, with its next attempt reserved. @throws ModelError 'Budget.Exceeded': it must not be made */
export async function reserved(job: Job, desk: SubmitDesk): Promise<Job> {
  const reservations = reservationsOf(job, desk);
  if (reservations === null || job.budget === undefined) return job;
  await reservations.reserve(job.asked ?? job.request);
  return { ...job, budget: { ...job.budget, held: reservations.held } };
}

/** Gives back what `reserved` has taken for an attempt that is not made after all. */
export async function released(job: Job, before: Job, desk: SubmitDesk): Promise<void> {
  const [all, earlier] = [job.budget?.held.taken, before.budget?.held.taken];
  if (job.budget === undefined || all === undefined || earlier === undefined) return;
  const taken = {
    tokens: all.tokens - earlier.tokens,
    nanos: all.nanos === null ? null : all.nanos - (earlier.nanos ?? 0),
  };
  const held = { taken, spent: { tokens: 0, nanos: 0 }, open: null };
  await reservationsOf({ ...job, budget: { ...job.budget, held } }, desk)?.settle(null);
}

/** The job, when its attempt was answered. null: the answer does not say what it used. */
export function answered(job: Job, spend: Spend | null, desk: SubmitDesk): Job {
  const reservations = reservationsOf(job, desk);
  if (reservations === null || job.budget === undefined) return job;
  reservations.answered(spend);
  return { ...job, budget: { ...job.budget, held: reservations.held } };
}
