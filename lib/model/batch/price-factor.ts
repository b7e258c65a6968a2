import type { Job } from '../background/job.ts';
import type { Provider } from '../providers.ts';

/** The share of the sync price that a job's answer costs: what a batch of its provider does, or all. */
export function priceFactor(lane: Job['lane'], { batch }: Provider): number {
  return lane === 'batch' ? (batch?.priceFactor ?? 1) : 1;
}
