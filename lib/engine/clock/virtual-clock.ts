import type { Clock, Timer } from './clock.ts';

export interface VirtualClockOptions {
  /** Where time starts, in milliseconds since the epoch. Default: the machine's time. */
  readonly now?: number;
  /**
   * How long, in real milliseconds, time stands still for work that holds it (a task that is running)
   * and shows no progress. Default: 2,000. After that the next timer fires, so that a task that never
   * answers meets its timeout.
   */
  readonly patience?: number;
}

/**
 * A clock on which waiting takes no time: as soon as nothing else can happen, it jumps to the earliest
 * timer. Timers fire in the order of their due times, equal ones in the order in which they were set.
 */
export class VirtualClock implements Clock {
  readonly #timers: VirtualTimer[] = [];
  readonly #patience: number;
  #now: number;
  #count = 0;
  #holds = 0;
  #progress = 0;
  #look: NodeJS.Immediate | undefined;
  #patient: NodeJS.Timeout | undefined;

  constructor(options: VirtualClockOptions = {}) {
    this.#now = options.now ?? Date.now();
    this.#patience = options.patience ?? 2_000;
  }

  now(): number {
    return this.#now;
  }

  setTimer(delay: number, callback: () => void): Timer {
    const timer = new VirtualTimer(this.#now + Math.max(0, delay), this.#count++, callback);
    insert(this.#timers, timer);
    this.#progress++;
    this.#watch();
    return timer;
  }

  defer(callback: () => void): void {
    const release = this.hold();
    setImmediate(() => {
      release();
      callback();
    });
  }

  hold(): () => void {
    this.#holds++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holds--;
      this.#progress++;
      this.#watch();
    };
  }

  /** Looks again in the next turn of the event loop or, while time is held, when patience ends. */
  #watch(): void {
    if (this.#timers.length === 0) return;
    if (this.#holds === 0) {
      clearTimeout(this.#patient);
      this.#patient = undefined;
      this.#look ??= setImmediate(this.#progressed, this.#progress);
    } else this.#patient ??= setTimeout(this.#waited, this.#patience, this.#progress);
  }

  readonly #progressed = (before: number): void => {
    this.#look = undefined;
    if (this.#holds === 0 && before === this.#progress) this.#jump();
    else this.#watch();
  };

  readonly #waited = (before: number): void => {
    this.#patient = undefined;
    if (before === this.#progress) this.#jump();
    else this.#watch();
  };

  #jump(): void {
    let timer = this.#timers.pop();
    while (timer?.cancelled) timer = this.#timers.pop();
    if (!timer) return;
    this.#now = Math.max(this.#now, timer.due);
    this.#progress++;
    timer.fire();
    this.#watch();
  }
}

class VirtualTimer implements Timer {
  readonly due: number;
  readonly order: number;
  readonly #callback: () => void;
  cancelled = false;

  constructor(due: number, order: number, callback: () => void) {
    this.due = due;
    this.order = order;
    this.#callback = callback;
  }

  cancel(): void {
    this.cancelled = true;
  }

  fire(): void {
    this.#callback();
  }
}

/** Keeps the earliest timer last, where `pop` takes it. */
function insert(timers: VirtualTimer[], timer: VirtualTimer): void {
  let low = 0;
  let high = timers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = timers[middle] as VirtualTimer;
    if (other.due > timer.due || (other.due === timer.due && other.order > timer.order))
      low = middle + 1;
    else high = middle;
  }
  timers.splice(low, 0, timer);
}
