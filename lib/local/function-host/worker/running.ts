import { AsyncLocalStorage } from 'node:async_hooks';
import { errorPayload } from './error-payload.ts';
import { post } from './outbox.ts';

/** Characters of output that one invocation may write before the rest is dropped. */
export const OUTPUT_LIMIT = 1_048_576;

/** An invocation whose handler runs, or ran: what it left behind still belongs to it. */
export class RunningInvocation {
  readonly id: number;
  readonly requestId: string;
  readonly deadline: number;
  /** Characters that it may still write. */
  outputLeft = OUTPUT_LIMIT;
  #controller: AbortController | undefined;
  #cancelled: DOMException | undefined;
  #answered = false;

  constructor(id: number, requestId: string, deadline: number) {
    this.id = id;
    this.requestId = requestId;
    this.deadline = deadline;
  }

  /** Made when a handler first asks: most never do. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#cancelled) this.#controller.abort(this.#cancelled);
    }
    return this.#controller.signal;
  }

  succeed(text: string): void {
    if (this.#end()) post({ kind: 'result', id: this.id, text });
  }

  /** False when it was answered before: the error reaches nobody. */
  fail(error: unknown): boolean {
    if (!this.#end()) return false;
    post({ kind: 'error', id: this.id, cause: errorPayload(error) });
    return true;
  }

  /** The host waits no longer. */
  cancel(reason: DOMException): void {
    this.#cancelled = reason;
    this.#end();
    invocations.run(this, () => this.#controller?.abort(reason));
  }

  #end(): boolean {
    if (this.#answered) return false;
    this.#answered = true;
    running.delete(this.id);
    return true;
  }
}

/** Which invocation the code that runs now belongs to. */
export const invocations = new AsyncLocalStorage<RunningInvocation>();

/** Not yet answered, by id. */
export const running = new Map<number, RunningInvocation>();
