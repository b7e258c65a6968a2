import { AsyncLocalStorage } from 'node:async_hooks';
import type { VirtualClock } from '../../lib/engine/clock/virtual-clock.ts';
import type { TaskCall } from '../../lib/engine/task/task-port.ts';
import type { CallClock } from '../../lib/model/call.ts';

interface Thread {
  /** Time goes on until then, for all others too. */
  pause(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Time stands still from now on, until the thread pauses or ends. */
  hold(): void;
}

/**
 * Functions that run at the same time on a virtual clock: time stands still while one of them works, and
 * goes on where all of them wait. So each meets what the others do in its pauses.
 */
export class Threads {
  readonly #clock: VirtualClock;
  readonly #current = new AsyncLocalStorage<Thread>();
  /** For the time limits of what the threads do. */
  readonly clock: CallClock;
  readonly #mostTurns: number;

  /**
   * @param mostTurns of the event loop that work of a thread which does things side by side takes between
   *   two pauses. Default: its work comes one after the other, and takes what it takes
   */
  constructor(clock: VirtualClock, mostTurns = Number.POSITIVE_INFINITY) {
    this.#clock = clock;
    this.#mostTurns = mostTurns;
    this.clock = {
      now: () => clock.now(),
      setTimer: (delay, callback) => {
        const thread = this.#current.getStore();
        return clock.setTimer(delay, () => {
          thread?.hold();
          callback();
        });
      },
    };
  }

  /** Work of a task: time stands still for it by the engine's hold. */
  inTask<T>(call: TaskCall, work: () => Promise<T>): Promise<T> {
    const holds: (() => void)[] = [];
    const letGo = () => {
      for (const release of holds.splice(0)) release();
    };
    const thread: Thread = {
      async pause(milliseconds, signal) {
        letGo();
        await Promise.race([call.sleep(milliseconds).catch(() => undefined), aborted(signal)]);
      },
      hold: () => void holds.push(this.#clock.hold()),
    };
    return this.#current.run(thread, work).finally(letGo);
  }

  /** Work of a function that nobody waits for. */
  start(work: () => Promise<unknown>): void {
    const clock = this.#clock;
    const holds: (() => void)[] = [];
    const letGo = () => holds.shift()?.();
    const isSingle = this.#mostTurns === Number.POSITIVE_INFINITY;
    const hold = () => {
      if (isSingle) letGo();
      const release = clock.hold();
      holds.push(release);
      // What was done side by side may have been the last of its kind, and not pause any more.
      const watch = (turns: number): void => {
        setImmediate(() => {
          const place = holds.indexOf(release);
          if (place === -1) return;
          if (turns > 0) watch(turns - 1);
          else holds.splice(place, 1)[0]?.();
        });
      };
      if (!isSingle) watch(this.#mostTurns);
    };
    hold();
    const thread: Thread = {
      hold,
      pause: (milliseconds, signal) =>
        new Promise((resolve, reject) => {
          const timer = clock.setTimer(milliseconds, () => {
            hold();
            resolve();
          });
          const cut = () => {
            timer.cancel();
            reject(signal?.reason);
          };
          signal?.addEventListener('abort', cut, { once: true });
          letGo();
        }),
    };
    void this.#current.run(thread, work).finally(() => {
      for (const release of holds.splice(0)) release();
    });
  }

  /** After so many seconds. */
  later(seconds: number, work: () => Promise<unknown>): void {
    this.#clock.setTimer(seconds * 1000, () => this.start(work));
  }

  /** The thread that asks waits. @throws the signal's reason, where that is aborted */
  async pause(milliseconds: number, signal?: AbortSignal | null): Promise<void> {
    await this.#current.getStore()?.pause(milliseconds, signal ?? undefined);
  }
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
