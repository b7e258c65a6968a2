import type { CallClock } from '../call.ts';

/** How long a request may take. */
export interface TimeLimit {
  /** Aborted by a 'TimeoutError' when the time is over. */
  readonly signal: AbortSignal;
  /** The time no longer counts. The machine's goes on, for a body that is still being read. */
  cancel(): void;
}

/** @param clock whose time it is. Default: the machine's */
export function limitOf(milliseconds: number, clock: CallClock | undefined): TimeLimit {
  if (clock === undefined) {
    return { signal: AbortSignal.timeout(milliseconds), cancel: () => undefined };
  }
  const late = new AbortController();
  const timeout = () => late.abort(new DOMException('It took too long.', 'TimeoutError'));
  const timer = clock.setTimer(milliseconds, timeout);
  return { signal: late.signal, cancel: () => timer.cancel() };
}
