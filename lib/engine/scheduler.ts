import type { Clock } from './clock/clock.ts';

/** How long the engine computes before it lets pending I/O have its turn, in milliseconds. */
const TIME_SLICE = 20;

/** How many jobs run between two looks at the time. */
const JOBS_BETWEEN_LOOKS = 256;

/** Something the scheduler can run. An object, not a closure, because one is queued for every state. */
export interface Job {
  run(): void;
  /** Called instead of letting an exception of `run` out. Must not throw. */
  crash(error: unknown): void;
}

/**
 * The run queue of an engine: first in, first out, one state of one branch at a time, so that branches
 * advance side by side as they do on AWS. Jobs run at once when the queue is not already running.
 */
export class Scheduler {
  readonly #clock: Clock;
  #queue: Job[] = [];
  #head = 0;
  #running = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  push(job: Job): void {
    this.#queue.push(job);
    if (!this.#running) this.#drain();
  }

  #drain(): void {
    this.#running = true;
    const end = performance.now() + TIME_SLICE;
    let jobs = 0;
    while (this.#head < this.#queue.length) {
      const job = this.#queue[this.#head++] as Job;
      try {
        job.run();
      } catch (error) {
        job.crash(error);
      }
      if (++jobs % JOBS_BETWEEN_LOOKS === 0) {
        this.#compact();
        if (performance.now() > end) {
          this.#clock.defer(() => this.#drain());
          return;
        }
      }
    }
    this.#queue.length = 0;
    this.#head = 0;
    this.#running = false;
  }

  #compact(): void {
    if (this.#head < 4_096 || this.#head * 2 < this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
  }
}
