import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until the next request may go out; at once while there are tokens left. */
export type Pace = (signal?: AbortSignal) => Promise<void>;

/**
 * A bucket of tokens in front of an API action, so that one process that follows many runs stays
 * below what AWS refills for the whole account and region.
 *
 * @param perSecond Tokens that come back each second.
 * @param burst Tokens that the bucket holds, and starts with.
 */
export function createPace(perSecond: number, burst: number): Pace {
  let tokens = burst;
  let at = performance.now();
  return async (signal) => {
    const now = performance.now();
    tokens = Math.min(burst, tokens + ((now - at) / 1000) * perSecond) - 1;
    at = now;
    // Each caller that finds none takes one in advance, and waits until it has come.
    if (tokens < 0) await sleep((-tokens / perSecond) * 1000, undefined, { signal });
  };
}
