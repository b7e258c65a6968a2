import type { HistoryEvent } from '../engine/history/event.ts';
import { closesRun } from '../run/fold.ts';
import type { TokenEvent } from '../run/token-event.ts';
import type { HistoryReader } from './history.ts';
import { createPauses, type PollOptions, pauseFor } from './poll.ts';
import type { TokenReader } from './token-reader.ts';

/** How often tokens are looked for: while they come, and at least, in milliseconds. */
const tokenPauses = { min: 200, max: 2_000 };

export interface Followed {
  readonly history: HistoryReader;
  /** null: no tokens are wanted. */
  readonly tokens: TokenReader | null;
  readonly poll: PollOptions;
  readonly signal: AbortSignal;
}

/**
 * What a run tells, as it comes, until it is closed. The two are asked for at their own paces: AWS gives
 * a history twenty times a second to a whole account. Tokens are read once more before any events are
 * told, so they come before the end of the step that they belong to.
 */
export async function* followed({
  history,
  tokens,
  poll,
  signal,
}: Followed): AsyncGenerator<HistoryEvent | TokenEvent> {
  const pauses = createPauses(poll);
  const tokenPace = createPauses({ ...tokenPauses, ...(poll.min && { min: poll.min }) });
  let due = 0;
  let last: HistoryEvent | undefined;
  while (!signal.aborted) {
    if (performance.now() >= due) {
      const { events, more } = await history.read();
      last = events.at(-1) ?? last;
      const isOver = !more && last !== undefined && closesRun(last);
      if (events.length > 0) yield* (await tokens?.read(isOver)) ?? [];
      yield* events;
      if (more) continue;
      if (isOver) return;
      if (events.length > 0) pauses.reset();
      due = performance.now() + pauses.next();
    }
    const told = (await tokens?.read()) ?? [];
    yield* told;
    if (told.length > 0) tokenPace.reset();
    const rest = Math.max(0, due - performance.now());
    await pauseFor(tokens ? Math.min(rest, tokenPace.next()) : rest, signal);
  }
}
