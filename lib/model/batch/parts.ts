import type { Desk } from '../background/desk.ts';
import type { Batches } from './batches.ts';
import type { BatchCalls } from './calls.ts';
import type { WaitingJobs } from './waiting.ts';

/** What the lane 'batch' works with, besides what the background lane has. */
export interface BatchParts {
  readonly waiting: WaitingJobs;
  readonly rows: Batches;
  readonly calls: BatchCalls;
}

/** What the functions work with that give batches, and end them. */
export interface BatchDesk extends Desk {
  readonly batch: BatchParts;
}

/** Whether a desk serves the lane 'batch' too. */
export function hasBatches(desk: Desk): desk is BatchDesk {
  return 'batch' in desk;
}
