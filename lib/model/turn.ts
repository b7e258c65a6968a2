import { ModelError, type ModelErrorName } from './errors.ts';
import type { Ticket } from './limiter/limiter.ts';
import type { ModelRequest } from './request.ts';

/**
 * How a call waits for its turn. A call that has to wait fails with 'Model.Deferred', whose message ends
 * in "Turn: " and the next turn as JSON; the document's Catch reads it, a Wait waits, and the call comes back with it
 * (lib/asl/states/turn.ts). So nobody pays for a function that sleeps, and a wait may be of any length.
 */
export interface Turn {
  /** Whose call it is: the run's name. Runs share a limit fairly. */
  readonly run: string;
  /** How long the call was told to wait, in whole seconds; absent on the first call. */
  readonly seconds?: number;
  /** How often it has waited, for whatever reason. Default 0. */
  readonly waits?: number;
  /** How often the provider has refused it. Default 0. */
  readonly refusals?: number;
  /** Its place in the limiter's line, where it has one. */
  readonly place?: number;
  /** The time that the limiter has reserved for it, where it has. */
  readonly ticket?: Ticket;
}

/** After so many refusals of the provider the call fails with the error's own name. */
export const mostRefusals = 50;

/**
 * After so many waits of any kind, too. A call that stands in the limiter's line has not been tried yet:
 * each refusal of another one closes the door for all, and all come back when it opens. Seven events of
 * the history a wait: more would leave the run's 25,000 to a few calls.
 */
export const mostWaits = 500;

const waitedOut: readonly ModelErrorName[] = ['Model.RateLimited', 'Model.Overloaded'];

/**
 * Makes the call; a provider that is full defers it: by what `retry-after` says, exactly, or else by
 * exponential backoff with full jitter, from 2 to at most 60 seconds. Zero is no time to wait: whoever
 * refuses and says 'at once' would be asked until nobody asks any more.
 *
 * @param random in [0, 1), for the jitter. Default: Math.random
 * @throws ModelError 'Model.Deferred' where the request has a turn and may wait; else the call's own error
 */
export async function inTurn<T>(
  request: Pick<ModelRequest, 'turn'>,
  call: () => Promise<T>,
  random: () => number = Math.random,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof ModelError) || !waitedOut.includes(error.name)) throw error;
    const refusals = request.turn?.refusals ?? 0;
    const backoff = Math.min(60, 2 ** (refusals + 1));
    throw deferred(error, request.turn, error.retryAfter || 1 + Math.floor(random() * backoff));
  }
}

/**
 * The error that sends a call into the Wait; the error itself where the call has no turn or has waited
 * too often.
 * @param seconds whole, 0 or more
 * @param kept what the limiter gave it. Default: nothing
 * @param isRefused the provider has refused it; false: it was not tried. Default: true
 */
export function deferred(
  error: ModelError,
  turn: Turn | undefined,
  seconds: number,
  kept: Pick<Turn, 'place' | 'ticket'> = {},
  isRefused = true,
): ModelError {
  const { waits = 0, refusals = 0 } = turn ?? {};
  const isOften = waits >= mostWaits || (isRefused && refusals >= mostRefusals);
  if (turn === undefined || isOften) return error;
  const all = refusals + (isRefused ? 1 : 0);
  const next: Turn = {
    run: turn.run,
    seconds,
    waits: waits + 1,
    ...(all === 0 ? {} : { refusals: all }),
    ...(kept.place === undefined ? {} : { place: kept.place }),
    ...(kept.ticket === undefined ? {} : { ticket: kept.ticket }),
  };
  return new ModelError('Model.Deferred', `${error.message} Turn: ${JSON.stringify(next)}`, {
    ...error,
    retryAfter: seconds,
  });
}
