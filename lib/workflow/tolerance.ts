import { WorkflowInvalid } from '../errors.ts';
import type { Tolerance } from './graph.ts';

/**
 * How many slots may be rejected: a count, or '20%' of all. More, and the whole fails with
 * GatherFailed once all are settled, with every reason in its cause.
 */
export type Tolerate = number | `${number}%`;

/** @throws WorkflowInvalid */
export function tolerance(tolerate: Tolerate | undefined, place: string): Tolerance | null {
  if (tolerate === undefined) return null;
  if (typeof tolerate === 'number' && Number.isInteger(tolerate) && tolerate >= 0) {
    return { count: tolerate };
  }
  const percentage = Number(/^(\d{1,3}(?:\.\d+)?)%$/.exec(String(tolerate))?.[1] ?? NaN);
  if (percentage >= 0 && percentage <= 100) return { percentage };
  throw new WorkflowInvalid(
    `${place} is to tolerate ${JSON.stringify(tolerate)}. Write a whole number of slots from 0, or a share of them: '20%'.`,
  );
}

/** A number of branches or items at once. @throws WorkflowInvalid */
export function checkedConcurrency(concurrency: number, most: number, place: string): number {
  if (Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= most) return concurrency;
  throw new WorkflowInvalid(
    `${place} is to run ${String(concurrency)} at once. Write a whole number from 1 to ${most}.`,
  );
}
