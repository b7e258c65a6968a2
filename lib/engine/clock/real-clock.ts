import type { Clock, Timer } from './clock.ts';

/** `setTimeout` overflows at 2^31 ms: longer delays are taken in steps. */
const LONGEST_STEP = 2 ** 31 - 1;

/** The machine's clock. */
export const realClock: Clock = {
  now: Date.now,
  setTimer: (delay, callback) => new RealTimer(delay, callback),
  defer: (callback) => {
    setImmediate(callback);
  },
  hold: () => release,
};

function release(): void {}

class RealTimer implements Timer {
  readonly #callback: () => void;
  #rest: number;
  #handle: NodeJS.Timeout;

  constructor(delay: number, callback: () => void) {
    this.#callback = callback;
    this.#rest = Math.max(0, delay);
    this.#handle = this.#step();
  }

  #step(): NodeJS.Timeout {
    const step = Math.min(this.#rest, LONGEST_STEP);
    this.#rest -= step;
    return setTimeout(() => {
      if (this.#rest <= 0) return this.#callback();
      this.#handle = this.#step();
    }, step);
  }

  cancel(): void {
    clearTimeout(this.#handle);
  }
}
