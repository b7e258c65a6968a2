/** What a function did since its host was made. */
export interface FunctionMetrics {
  /** Invocations that were begun, those in flight included. */
  readonly invocations: number;
  readonly inFlight: number;
  /** Invocations that failed, timed out or were aborted. */
  readonly errors: number;
  /** Workers that were started: the first, and one after each that ended. */
  readonly coldStarts: number;
  /** Each invocation's time in the worker until it was answered, rounded up to 1 ms as Lambda bills. */
  readonly billedMs: number;
}

export class Meter {
  #invocations = 0;
  #inFlight = 0;
  #errors = 0;
  #coldStarts = 0;
  #billedMs = 0;

  invocationBegun(): void {
    this.#invocations++;
    this.#inFlight++;
  }

  /** `durationMs` is 0 for an invocation that never reached a worker. */
  invocationEnded(durationMs: number, failed: boolean): void {
    this.#inFlight--;
    if (failed) this.#errors++;
    this.#billedMs += Math.ceil(durationMs);
  }

  workerStarted(): void {
    this.#coldStarts++;
  }

  read(): FunctionMetrics {
    return {
      invocations: this.#invocations,
      inFlight: this.#inFlight,
      errors: this.#errors,
      coldStarts: this.#coldStarts,
      billedMs: this.#billedMs,
    };
  }
}
