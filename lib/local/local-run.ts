import type { HistoryEvent } from '../engine/history/event.ts';
import { closesRun, createRunFold, type RunSubject } from '../run/fold.ts';
import type { Run, RunEvent } from '../run/run.ts';
import type { RunSummary } from '../run/runner.ts';

/** One run on this machine: its events as they come, and whoever follows them. */
export class LocalRun {
  readonly id: string;
  readonly workflow: string;
  /** The input as JSON text, defaults filled. */
  readonly input: string;
  readonly #events: RunEvent[] = [];
  readonly #fold: ReturnType<typeof createRunFold>;
  readonly #waiting = new Set<() => void>();
  #closed = false;

  constructor(
    subject: RunSubject & { readonly id: string; readonly workflow: string },
    input: string,
  ) {
    this.id = subject.id;
    this.workflow = subject.workflow;
    this.input = input;
    this.#fold = createRunFold(subject);
  }

  get run(): Run {
    return this.#fold.run;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get summary(): RunSummary {
    const { run } = this;
    const stoppedAt = run.status === 'RUNNING' ? null : run.stoppedAt;
    return {
      id: run.id,
      workflow: run.workflow,
      status: run.status,
      startedAt: run.startedAt,
      stoppedAt,
    };
  }

  append(event: HistoryEvent): void {
    this.#events.push({ ...event, run: this.id });
    this.#fold.apply(event);
    if (closesRun(event)) this.#closed = true;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** The events after `after`, as they come, until the run is closed or `signal` is aborted. */
  async *follow(after: number, signal: AbortSignal | undefined): AsyncGenerator<RunEvent> {
    let next = after;
    while (!signal?.aborted) {
      const event = this.#events[next];
      if (event) {
        next += 1;
        yield event;
      } else if (this.#closed) return;
      else await this.#news(signal);
    }
  }

  #news(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }
}
