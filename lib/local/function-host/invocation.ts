import { randomUUID } from 'node:crypto';
import { watchAbort } from './abort-watch.ts';
import type { Meter } from './meter.ts';
import { timedOut, timeoutText } from './runtime-failure.ts';

export interface InvokeOptions {
  /** Aborting it aborts the handler's `context.signal` and rejects at once with an AbortError. */
  readonly signal?: AbortSignal;
  /** A shorter limit than the function's own for this invocation. */
  readonly timeoutMs?: number;
  /** `context.awsRequestId`. Default: a new UUID. */
  readonly requestId?: string;
}

/** Why the host stopped waiting for a handler that still runs. */
export interface Cancellation {
  readonly name: 'AbortError' | 'TimeoutError';
  readonly text: string;
}

let lastId = 0;

/** One call of a function, from `invoke` until its promise is settled. */
export class Invocation {
  /** Unique in this process. */
  readonly id = ++lastId;
  readonly requestId: string;
  readonly payload: string;
  readonly timeoutMs: number;
  readonly answer: Promise<string>;
  readonly #meter: Meter;
  #resolve!: (text: string) => void;
  #reject!: (error: unknown) => void;
  #unwatch: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #startedAt: number | undefined;
  #settled = false;

  constructor(payload: string, limitMs: number, options: InvokeOptions, meter: Meter) {
    this.requestId = options.requestId ?? randomUUID();
    this.payload = payload;
    this.timeoutMs = Math.min(options.timeoutMs ?? limitMs, limitMs);
    this.#meter = meter;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    meter.invocationBegun();
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** Rejects when the signal is aborted; `cancelled` tells whoever runs the handler. */
  watch(signal: AbortSignal, cancelled: (why: Cancellation) => void): void {
    if (signal.aborted) {
      this.#abort(signal.reason);
      return;
    }
    this.#unwatch = watchAbort(signal, () => {
      const text = this.#abort(signal.reason);
      cancelled({ name: 'AbortError', text });
    });
  }

  /** Starts the time limit and gives the deadline, in milliseconds since the epoch. */
  start(cancelled: (why: Cancellation) => void): number {
    this.#startedAt = performance.now();
    // A host that was busy past the limit sees its timer before the answers that wait for it: the
    // answers are let in first.
    const expire = () => setImmediate(() => this.#expire(cancelled));
    this.#timer = setTimeout(expire, this.timeoutMs);
    return Date.now() + this.timeoutMs;
  }

  #expire(cancelled: (why: Cancellation) => void): void {
    if (!this.fail(timedOut(this.requestId, this.timeoutMs))) return;
    cancelled({ name: 'TimeoutError', text: timeoutText(this.timeoutMs) });
  }

  succeed(text: string): void {
    if (this.#end(false)) this.#resolve(text);
  }

  /** False when it was settled before. */
  fail(error: unknown): boolean {
    if (!this.#end(true)) return false;
    this.#reject(error);
    return true;
  }

  #abort(reason: unknown): string {
    const error = new DOMException(`The invocation ${this.requestId} was aborted by its caller.`, {
      name: 'AbortError',
      cause: reason,
    });
    this.fail(error);
    return error.message;
  }

  #end(failed: boolean): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#unwatch?.();
    const duration = this.#startedAt === undefined ? 0 : performance.now() - this.#startedAt;
    this.#meter.invocationEnded(duration, failed);
    return true;
  }
}
