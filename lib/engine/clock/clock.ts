/** A timer that was set; `cancel` is harmless after it fired. */
export interface Timer {
  cancel(): void;
}

/** The engine's only source of time: a real one, or a virtual one that skips what is waited for. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back once, `delay` milliseconds from now (0 or more; any length). */
  setTimer(delay: number, callback: () => void): Timer;
  /** Calls back after pending I/O had its turn: lets a long computation stay polite. */
  defer(callback: () => void): void;
  /**
   * Work that time must not overtake has begun; call the returned function when it has ended. On a real
   * clock it does nothing.
   */
  hold(): () => void;
}
