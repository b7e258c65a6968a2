import type { TokenDesk } from '../door/token-desk.ts';

/** A background call whose state waits. */
export interface OpenCall {
  readonly job: string;
  readonly token: string;
  /** The function that looks after it. */
  readonly sweep: string;
  /** When the call has to be over, in milliseconds since the epoch. */
  readonly deadline: number;
  /** Milliseconds until it is looked at, should no webhook come. */
  readonly firstLook: number;
  /** Aborted when the state no longer waits, whatever the reason. Absent after a resume. */
  readonly signal?: AbortSignal;
}

/** A call is looked at at least so often, in milliseconds. */
const longestPause = 15_000;
const growth = 1.5;
const lateAgain = 1_000;

/**
 * Looks after the background calls of this process as EventBridge does in AWS: on a timer, and at once
 * when a state stops waiting without an answer, since its branch lost or its run was stopped. A provider
 * that cannot reach this machine by a webhook is asked in this way, too.
 */
export class OpenCalls {
  readonly #invoke: (name: string, payload: string) => Promise<string>;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Tokens of calls that are open, and of those the ones that were answered. */
  readonly #begun = new Set<string>();
  readonly #answered = new Set<string>();
  readonly #busy = new Set<Promise<unknown>>();
  #desk: TokenDesk | undefined;

  /** @param invoke calls a function with JSON text */
  constructor(invoke: (name: string, payload: string) => Promise<string>) {
    this.#invoke = invoke;
  }

  /** The desk, which now tells this one what was answered. */
  through(desk: TokenDesk): TokenDesk {
    this.#desk = desk;
    const noted = async (token: string, answer: () => Promise<void>): Promise<void> => {
      if (this.#begun.has(token)) this.#answered.add(token);
      await answer();
    };
    return {
      succeed: (token, output) => noted(token, () => desk.succeed(token, output)),
      fail: (token, error, cause) => noted(token, () => desk.fail(token, error, cause)),
      heartbeat: (token) => desk.heartbeat(token),
    };
  }

  /** A call is given to the provider: its answer may come before the provider says that it has it. */
  begin(token: string): void {
    this.#begun.add(token);
  }

  watch(call: OpenCall): void {
    this.begin(call.token);
    const { token, signal } = call;
    const ended = (): void => {
      if (!this.over(token)) void this.#sweep(call);
    };
    if (signal?.aborted) {
      ended();
      return;
    }
    signal?.addEventListener('abort', ended, { once: true });
    this.#lookIn(call, call.firstLook);
  }

  /** Waits for what is being given and cancelled, at most so many milliseconds. */
  async close(patience: number): Promise<void> {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<'over'>((resolve) => {
      timer = setTimeout(() => resolve('over'), patience);
    });
    // What was just given to the provider is cancelled after that.
    while (this.#busy.size > 0) {
      if ((await Promise.race([Promise.all(this.#busy), over])) === 'over') break;
    }
    clearTimeout(timer);
  }

  /** Work that a close waits for. It must not reject. */
  track<T>(work: Promise<T>): Promise<T> {
    this.#busy.add(work);
    return work.finally(() => this.#busy.delete(work));
  }

  #lookIn(call: OpenCall, pause: number): void {
    const left = call.deadline - Date.now();
    // One whose time is over and that could not be ended is tried again, but not all the time.
    const untilOver = left > 0 ? left + 50 : lateAgain;
    const timer = setTimeout(() => void this.#look(call, pause), Math.min(pause, untilOver));
    this.#timers.set(call.token, timer.unref());
  }

  async #look(call: OpenCall, pause: number): Promise<void> {
    const waits = await this.waits(call.token);
    await this.#sweep(call);
    if (waits && this.#timers.has(call.token)) {
      this.#lookIn(call, Math.min(pause * growth, longestPause));
    } else this.forget(call.token);
  }

  /** Whether a state waits for this token. */
  async waits(token: string): Promise<boolean> {
    const asked = this.#desk?.heartbeat(token).then(
      () => true,
      () => false,
    );
    return (await asked) ?? false;
  }

  /** A state waits no longer. True: its token was answered. */
  over(token: string): boolean {
    const isAnswered = this.#answered.has(token);
    this.forget(token);
    return isAnswered;
  }

  /** Nothing is open by this token any more. */
  forget(token: string): void {
    clearTimeout(this.#timers.get(token));
    this.#timers.delete(token);
    this.#begun.delete(token);
    this.#answered.delete(token);
  }

  #sweep({ sweep, job }: OpenCall): Promise<unknown> {
    return this.ask(sweep, { jobs: [job] });
  }

  /** Calls a function that looks after calls. undefined: it failed, and is called again, or never. */
  ask(sweep: string, event: object | Promise<object>): Promise<unknown> {
    const asking = Promise.resolve(event).then(async (given) =>
      JSON.parse(await this.#invoke(sweep, JSON.stringify(given))),
    );
    return this.track(asking.catch(() => undefined));
  }
}
