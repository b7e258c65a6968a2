import { setTimeout as sleep } from 'node:timers/promises';

export interface PollOptions {
  /** Milliseconds between two looks at a run in which something happens. Default: 500. */
  readonly min?: number;
  /** Milliseconds that the pause grows to while nothing happens. Default: 10,000. */
  readonly max?: number;
}

/** Pauses that double while nothing happens, each between half of its length and all of it, so that
 * many followers do not ask at the same time. */
export interface Pauses {
  /** Something happened: the next pause is the shortest. */
  reset(): void;
  /** How long the next pause is to be, in milliseconds; the one after it is longer. */
  next(): number;
  /** Rejects with an AbortError when the signal is aborted. */
  wait(signal?: AbortSignal): Promise<void>;
}

export function createPauses({ min = 500, max = 10_000 }: PollOptions = {}): Pauses {
  let length = min;
  const next = (): number => {
    const pause = length * (0.5 + Math.random() / 2);
    length = Math.min(max, length * 2);
    return pause;
  };
  return {
    reset: () => {
      length = min;
    },
    next,
    wait: (signal) => pauseFor(next(), signal),
  };
}

/** Rejects with an AbortError when the signal is aborted. */
export async function pauseFor(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal });
}
