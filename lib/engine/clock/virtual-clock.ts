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
  #watching = false;

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

  #watch(): void {
    if (this.#watching || this.#timers.length === 0) return;
    this.#watching = true;
    this.#look(this.#progress, performance.now());
  }

  /** One turn of the event loop without progress is enough when nothing holds time. */
  #look(progress: number, since: number): void {
    const step = () => {
      const moved = progress !== this.#progress;
      const patient = this.#holds > 0 && performance.now() - since < this.#patience;
      if (moved) this.#look(this.#progress, performance.now());
      else if (patient) this.#look(progress, since);
      else this.#jump();
    };
    if (this.#holds > 0) setTimeout(step, 1);
    else setImmediate(step);
  }

  #jump(): void {
    this.#watching = false;
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
