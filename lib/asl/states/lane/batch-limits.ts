/** The longest that is kept for the sync call: no function waits longer. */
const longestKept = 880;

/** Seconds of a call in the lane 'batch': until a batch has to have answered it, and for the sync call after. */
export interface BatchLimits {
  readonly batch: number;
  readonly sync: number;
}

/** The last quarter of the time, and no more than a function may take, is kept for a sync call. */
export function batchLimits(timeoutSeconds: number): BatchLimits {
  const sync = Math.min(longestKept, Math.ceil(timeoutSeconds / 4));
  return { batch: Math.max(1, timeoutSeconds - sync), sync };
}
