import type { BatchDesk } from '../../lib/model/batch/parts.ts';
import type { LimiterTable } from '../../lib/model/limiter/table.ts';
import { dying } from '../../test/model/batch/dying-desk.ts';

/** The longest work that a function is ended in, in things that it asks. */
const longest = 600;

/**
 * The desk of a function that is ended at a point of its work: at one of the first as often as at a late
 * one. Nothing that it does afterwards has an effect.
 */
export function killed(desk: BatchDesk, random: () => number, onDeath: () => void): BatchDesk {
  const nth = Math.ceil(longest ** random());
  const when = random() < 0.5 ? 'before' : 'after';
  const { desk: mortal, hasDied } = dying(desk, nth, when, onDeath);
  const change: LimiterTable['change'] = async (key, how) => {
    if (hasDied() || desk.budgetTable === null) throw new Error('The function was ended.');
    return desk.budgetTable.change(key, how);
  };
  return { ...mortal, budgetTable: { change } };
}
