/** A call that waits for a batch, or is in one. */
export interface BatchCall {
  readonly job: string;
  readonly token: string;
  /** When a batch has to have answered it, in milliseconds since the epoch. */
  readonly deadline: number;
  /** Aborted when the state no longer waits, whatever the reason. Absent after a resume. */
  readonly signal?: AbortSignal;
}

/** What the batches of one provider are looked after with. */
export interface BatchTerms {
  /** Calls the function that looks after them. It does not reject; undefined: it could not be done now. */
  sweep(event: SweepEvent | Promise<SweepEvent>): Promise<unknown>;
  /** Whether a state still waits for its token. */
  waits(token: string): Promise<boolean>;
  /** Whether a token was answered. Nothing more is asked about it then. */
  over(token: string): boolean;
  /** The time. Default: Date.now */
  readonly now?: () => number;
}

/** What a look at all batches tells. */
interface Told {
  readonly ended: number;
  readonly open: number;
}

type SweepEvent = { readonly jobs: readonly string[] } | { readonly batches: true };

/** A batch goes so long after the last call that was given, but not later than so long after the first. */
const quiet = 1_000;
const patience = 5_000;
/** Then batches are looked at, later and later. */
const firstPause = 2_000;
const longestPause = 15_000;
const growth = 1.5;
/** A deadline is looked at when it is over. */
const margin = 50;

/**
 * Looks after the batches of one provider on this machine, as EventBridge's minute does in AWS: calls that
 * are given close together go in one batch; open batches are asked after, since a real provider cannot
 * reach this machine by a webhook; a call whose time is over is called in sync; a state that waits no more
 * is told at once, many of them together.
 */
export class OpenBatches {
  readonly #terms: BatchTerms;
  readonly #now: () => number;
  readonly #calls = new Map<string, BatchCall>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #isClosed = false;
  /** When the first of the calls was given that no round has sent yet. */
  #waitingSince: number | undefined;
  #pause = firstPause;
  #unwanted: string[] = [];
  /** Those that a round in flight may still have given to the provider. */
  #missed: string[] = [];

  constructor(terms: BatchTerms) {
    this.#terms = terms;
    this.#now = terms.now ?? Date.now;
  }

  /** A call is just being given: the batch waits a little for it. */
  expect(): void {
    const now = this.#now();
    this.#waitingSince ??= now;
    this.#pause = firstPause;
    if (!this.#looking) this.#lookIn(Math.min(quiet, this.#waitingSince + patience - now));
  }

  watch(call: BatchCall): void {
    const { token, signal } = call;
    const ended = (): void => {
      if (!this.#calls.delete(token) || this.#terms.over(token)) return;
      this.#drop(call.job);
    };
    this.#calls.set(token, call);
    if (signal?.aborted) ended();
    else signal?.addEventListener('abort', ended, { once: true });
    this.expect();
  }

  /** Waits for a round in flight, and takes back what that has given and nobody waits for. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#looking;
    if (this.#missed.length > 0) await this.#terms.sweep({ jobs: this.#missed });
  }

  #lookIn(pause: number): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    const look = (): void => {
      this.#missed = [];
      this.#looking = this.#look().finally(() => {
        this.#looking = undefined;
      });
    };
    this.#timer = setTimeout(look, Math.max(0, pause)).unref();
  }

  /** One round: all batches, then what nobody waits for, and what is late. */
  async #look(): Promise<void> {
    this.#waitingSince = undefined;
    const told = (await this.#terms.sweep({ batches: true })) as Told | undefined;
    await this.#dropDead();
    const late = [...this.#calls.values()].filter(({ deadline }) => deadline <= this.#now());
    if (late.length > 0) await this.#terms.sweep({ jobs: late.map(({ job }) => job) });
    const isLeft = this.#calls.size > 0;
    // Of a batch that has ended some calls may be asked for again.
    if (this.#waitingSince !== undefined || (isLeft && told?.ended)) this.#lookIn(quiet);
    // Batches that nobody waits for are cancelled, settled and cleared away.
    else if (isLeft || told?.open !== 0) this.#lookIn(this.#nextPause());
  }

  /** Calls after a resume have no signal that tells of their end. */
  async #dropDead(): Promise<void> {
    for (const { token, job, signal } of [...this.#calls.values()]) {
      if (signal || (await this.#terms.waits(token))) continue;
      this.#calls.delete(token);
      if (!this.#terms.over(token)) this.#drop(job);
    }
  }

  #nextPause(): number {
    const pause = this.#pause;
    this.#pause = Math.min(pause * growth, longestPause);
    const now = this.#now();
    const coming = [...this.#calls.values()].map(({ deadline }) => deadline - now + margin);
    return Math.min(pause, ...coming.filter((left) => left > 0));
  }

  /** Those that end together are told together. */
  #drop(job: string): void {
    if (this.#looking) this.#missed.push(job);
    this.#unwanted.push(job);
    if (this.#unwanted.length > 1) return;
    const soon = new Promise<void>((resolve) => setImmediate(resolve));
    const all = soon.then(() => ({ jobs: this.#unwanted.splice(0) }));
    void this.#terms.sweep(all);
  }
}
