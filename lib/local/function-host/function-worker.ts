import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { functionErrorFrom } from './function-error.ts';
import type { FunctionLog } from './function-log.ts';
import type { Cancellation, Invocation } from './invocation.ts';
import type { HostMessage, WorkerMessage, WorkerStart } from './message.ts';
import { exited, exitedBecause, outOfMemory, timedOut } from './runtime-failure.ts';

/** What a worker needs to start. */
export interface WorkerPlan {
  /** The file that the thread runs. */
  readonly bootstrap: string;
  readonly start: WorkerStart;
  readonly environment: Record<string, string>;
  readonly memoryMb: number;
  /** How long the module may take to load. */
  readonly startLimitMs: number;
  /** How long the event loop may stand still after a handler was told to stop. */
  readonly blockedLimitMs: number;
}

export interface WorkerEvents {
  log(log: FunctionLog): void;
  told(message: unknown): void;
  /** The worker takes no more invocations: it ended, or is about to. */
  gone(): void;
}

/** Why a worker ended, told to each invocation that it took along. */
type EndReason = (requestId: string) => unknown;

/** How long `close` waits for a thread that is stuck in a system call. */
const CLOSE_LIMIT_MS = 900;

/**
 * One worker thread that runs one function: many invocations at once, waiting together in its event
 * loop. It keeps the process alive only while it starts; after that, the time limit of each
 * invocation in flight does.
 */
export class FunctionWorker {
  readonly #plan: WorkerPlan;
  readonly #events: WorkerEvents;
  readonly #worker: Worker;
  readonly #inFlight = new Map<number, Invocation>();
  /** Told to stop and not yet heard of: while one is here, the event loop may be blocked. */
  readonly #unheard = new Map<number, NodeJS.Timeout>();
  readonly #startTimer: NodeJS.Timeout;
  readonly #ended: Promise<void>;
  #starting: PromiseWithResolvers<void> | undefined = Promise.withResolvers();
  #outbox: HostMessage[] = [];
  #gone = false;

  constructor(plan: WorkerPlan, events: WorkerEvents) {
    this.#plan = plan;
    this.#events = events;
    this.#starting?.promise.catch(() => {});
    this.#worker = new Worker(plan.bootstrap, {
      name: plan.start.functionName,
      workerData: plan.start,
      env: plan.environment,
      argv: [],
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: plan.memoryMb },
    });
    this.#worker.on('message', (batch: readonly WorkerMessage[]) => {
      for (const message of batch) this.#receive(message);
    });
    this.#worker.on('error', (error) => this.#threadFailed(error));
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        this.#end((requestId) => exited(requestId, code));
        resolve();
      });
    });
    this.#startTimer = setTimeout(() => this.#startedTooLate(), plan.startLimitMs);
  }

  /** Resolves when the module is loaded. @throws FunctionError when it cannot be. */
  async ready(): Promise<void> {
    await this.#starting?.promise;
  }

  /** Runs the invocation, when the module is loaded. Its answer comes by its promise. */
  run(invocation: Invocation): void {
    if (invocation.settled) return;
    this.#inFlight.set(invocation.id, invocation);
    if (!this.#starting) this.#dispatch(invocation);
  }

  /** Tells the handler to stop, and watches that the worker hears it. */
  cancel(invocation: Invocation, why: Cancellation): void {
    if (!this.#inFlight.has(invocation.id)) return;
    this.#settled(invocation.id);
    if (this.#starting || this.#gone) return;
    this.#post({ kind: 'cancel', id: invocation.id, ...why });
    this.#watchLoop(invocation, why);
  }

  /** Ends the thread at once; invocations in flight reject with what `reason` gives. */
  async close(reason: EndReason): Promise<void> {
    this.#end(reason);
    this.#worker.ref();
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_LIMIT_MS);
    });
    await Promise.race([this.#ended, tooLong]);
    clearTimeout(timer);
    this.#worker.unref();
  }

  #dispatch(invocation: Invocation): void {
    const { id, requestId, payload } = invocation;
    const deadline = invocation.start((why) => this.cancel(invocation, why));
    this.#post({ kind: 'invoke', id, requestId, payload, deadline });
  }

  /** A thousand invocations of one turn are one message: each message costs more than an invocation. */
  #post(message: HostMessage): void {
    if (this.#outbox.push(message) > 1) return;
    queueMicrotask(() => {
      const batch = this.#outbox;
      this.#outbox = [];
      if (!this.#gone) this.#worker.postMessage(batch);
    });
  }

  #receive(message: WorkerMessage): void {
    switch (message.kind) {
      case 'result':
        this.#settled(message.id)?.succeed(message.text);
        break;
      case 'error':
        this.#settled(message.id)?.fail(functionErrorFrom(message.cause));
        break;
      case 'log':
        this.#log(message);
        break;
      case 'told':
        this.#events.told(message.message);
        break;
      case 'cancelled':
        clearTimeout(this.#unheard.get(message.id));
        this.#unheard.delete(message.id);
        break;
      case 'ready':
        this.#started();
        break;
      case 'unready':
      case 'crash':
        this.#end(() => functionErrorFrom(message.cause));
        break;
      case 'exit':
        this.#exitCalled(message.id, message.code);
        break;
    }
  }

  #log({ requestId, level, text, time }: Omit<FunctionLog, 'function'>): void {
    this.#events.log({ function: this.#plan.start.functionName, requestId, level, text, time });
  }

  #started(): void {
    const starting = this.#starting;
    this.#starting = undefined;
    clearTimeout(this.#startTimer);
    this.#worker.unref();
    for (const invocation of this.#inFlight.values()) this.#dispatch(invocation);
    starting?.resolve();
  }

  #startedTooLate(): void {
    this.#end((requestId) => timedOut(requestId, this.#plan.startLimitMs));
  }

  #settled(id: number): Invocation | undefined {
    const invocation = this.#inFlight.get(id);
    this.#inFlight.delete(id);
    return invocation;
  }

  /**
   * A handler that waits hears of its cancellation in the next turn of its event loop. One that loops
   * for ever does not, and nothing but the end of its thread stops it. A caller may abort a handler
   * that is busy and well: it has until its own deadline.
   */
  #watchLoop({ id, requestId, timeoutMs }: Invocation, why: Cancellation): void {
    const { blockedLimitMs } = this.#plan;
    const patience = why.name === 'TimeoutError' ? blockedLimitMs : timeoutMs + blockedLimitMs;
    const check = () => {
      if (!this.#unheard.delete(id)) return;
      const what = why.name === 'TimeoutError' ? 'timed out' : 'was aborted';
      const seconds = (blockedLimitMs / 1000).toFixed(2);
      const text = `invocation ${requestId} of the same function ${what} and its event loop was blocked for more than ${seconds} seconds`;
      this.#end((other) => exitedBecause(other, text));
    };
    this.#unheard.set(id, setTimeout(() => setImmediate(check), patience).unref());
  }

  #exitCalled(id: number | null, code: number): void {
    const caller = id === null ? undefined : this.#inFlight.get(id);
    const who = caller ? `invocation ${caller.requestId} of the same function` : 'the function';
    const text = `${who} called process.exit(${code})`;
    this.#end((requestId) =>
      this.#starting || requestId === caller?.requestId
        ? exited(requestId, code)
        : exitedBecause(requestId, text),
    );
  }

  #threadFailed(error: Error & { code?: string }): void {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
      const text = `The function reached its ${this.#plan.memoryMb} MB of memory with ${this.#inFlight.size} invocations in flight. Its worker was ended; the next invocation starts another.`;
      this.#log({ requestId: null, level: 'fatal', text, time: Date.now() });
      this.#end(outOfMemory);
    } else {
      this.#end((requestId) => exitedBecause(requestId, `of ${error.message}`));
    }
  }

  /** Once, for whatever reason came first. */
  #end(reason: EndReason): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#events.gone();
    clearTimeout(this.#startTimer);
    for (const timer of this.#unheard.values()) clearTimeout(timer);
    this.#unheard.clear();
    const lost = [...this.#inFlight.values()];
    this.#inFlight.clear();
    for (const invocation of lost) invocation.fail(reason(invocation.requestId));
    this.#starting?.reject(reason(randomUUID()));
    this.#worker.unref();
    void this.#worker.terminate();
  }
}
