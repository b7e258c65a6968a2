import type { Execution } from '../engine/execution.ts';
import type { HistoryEvent } from '../engine/history/event.ts';
import type { Piece } from '../model/stream/piece.ts';
import { closesRun, createRunFold, type RunFold } from '../run/fold.ts';
import { redacted } from '../run/redacted.ts';
import type { Run, RunEvent } from '../run/run.ts';
import type { FollowOptions, WatchOptions } from '../run/runner.ts';
import type { TokenEvent } from '../run/token-event.ts';
import type { StoredRun } from './store/stored-run.ts';
import { TokenLog } from './token-log.ts';

/** A run that this process runs: its events as they come, and whoever follows them. */
export class LocalRun {
  readonly id: string;
  readonly workflow: string;
  /** The input as JSON text, defaults filled. */
  readonly input: string;
  /** Its number in the store, once it is there. */
  key: number | undefined;
  readonly #events: HistoryEvent[] = [];
  /** Milliseconds since the epoch. */
  readonly #started: number;
  readonly #fold: RunFold;
  /** How many of the events are in the fold: it takes the others when somebody asks for the run. */
  #folded = 0;
  readonly #waiting = new Set<() => void>();
  /** How many of the events are on the disk: nobody is told more. */
  #published = 0;
  #closed = false;
  #tokens = new TokenLog();
  #failure: { readonly error: unknown } | undefined;
  #execution: Execution | undefined;
  #stop: { readonly reason: string | undefined } | undefined;

  constructor(run: Pick<StoredRun, 'id' | 'workflow' | 'started' | 'input'>) {
    this.id = run.id;
    this.workflow = run.workflow;
    this.input = run.input;
    this.#started = run.started;
    this.#fold = createRunFold({
      id: run.id,
      workflow: run.workflow,
      startedAt: new Date(run.started).toISOString(),
      input: JSON.parse(run.input),
    });
  }

  get run(): Run {
    for (; this.#folded < this.#events.length; this.#folded += 1) {
      this.#fold.apply(this.#events[this.#folded] as HistoryEvent);
    }
    return this.#fold.run;
  }

  /** The events that an earlier process recorded. */
  load(events: readonly HistoryEvent[]): void {
    for (const event of events) this.append(event);
    this.#published = this.#events.length;
    // Followers may hold positions that an earlier process gave: less than one a millisecond.
    this.#tokens = new TokenLog(Date.now() - this.#started);
  }

  append(event: HistoryEvent): void {
    this.#events.push(event);
  }

  /** Everything that was appended is on the disk. True when that ends the run. */
  publish(): boolean {
    this.#published = this.#events.length;
    const last = this.#events.at(-1);
    this.#closed = last !== undefined && closesRun(last);
    this.#wake();
    return this.#closed;
  }

  /** The history cannot be kept any more: followers are told why, and the execution ends unheard. */
  fail(error: unknown): void {
    this.#failure = { error };
    this.stop(undefined);
    this.#wake();
  }

  /** The execution is there; a stop that was asked for before it was, happens now. */
  runsAs(execution: Execution): void {
    this.#execution = execution;
    if (this.#stop) execution.stop(undefined, this.#stop.reason);
  }

  stop(reason: string | undefined): void {
    this.#stop = { reason };
    this.#execution?.stop(undefined, reason);
  }

  /** Text of a model call that goes on. */
  tell(piece: Piece): void {
    this.#tokens.add(piece, this.#published);
    this.#wake();
  }

  /**
   * The events after `after`, as they come, until the run is closed or `signal` is aborted; with
   * `afterTokens` also the tokens, each before the events that came after it.
   */
  async *follow(
    options: FollowOptions & Partial<WatchOptions>,
  ): AsyncGenerator<RunEvent | TokenEvent> {
    const { signal } = options;
    let next = options.after ?? 0;
    let position = options.afterTokens ?? Number.POSITIVE_INFINITY;
    while (!signal?.aborted) {
      const tokens = this.#tokens.next(position, next);
      const event = next < this.#published ? this.#events[next] : undefined;
      if (tokens) {
        position = tokens.position;
        yield tokens;
      } else if (event) {
        next += 1;
        yield redacted({ ...event, run: this.id });
      } else if (this.#failure) throw this.#failure.error;
      else if (this.#closed) return;
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

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
