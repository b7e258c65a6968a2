import type { Context } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { UsageError } from '../errors.ts';
import type { RunEvent } from '../run/run.ts';
import type { Runner } from '../run/runner.ts';
import { isTokens, type TokenEvent } from '../run/token-event.ts';
import { isWatched } from '../run-name.ts';
import { problemOf } from './problem.ts';

export interface EventsOptions {
  /**
   * Milliseconds after which the stream ends although the run goes on; a client resumes by
   * `Last-Event-ID`, as EventSource does by itself. For servers that cannot hold an answer open.
   * Default: as long as the run.
   */
  readonly eventsWindow?: number;
  /** Characters after which the stream ends in the same way. Default: as many as there are. */
  readonly eventsSize?: number;
}

/** Milliseconds between two comments that keep the connection open while nothing happens. */
const heartbeat = 15_000;

/**
 * GET .../events: the run's events as server-sent events, `id` being the event's id and `data` the
 * event as JSON, from the first or the one after `Last-Event-ID` (or `?after=`). The event `end`
 * closes a stream that has told everything; asked again after that, the answer is 204, which stops
 * an EventSource.
 *
 * Of a run that is watched, an event `tokens` for each piece of a model's answer stands between them,
 * and every `id` is that of the last event, a point, and the position of the last tokens: '12.40'.
 */
export async function streamEvents(
  c: Context,
  runner: Runner,
  { workflow, id }: { workflow: string; id: string },
  { eventsWindow, eventsSize }: EventsOptions,
): Promise<Response> {
  const cursor = cursorOf(c, id);
  // Before the stream begins an error can still be a problem with its status.
  const run = await runner.get(workflow, id);
  const gone = new AbortController();
  const events = runner.events(workflow, id, { ...cursor, signal: gone.signal });
  const iterator = events[Symbol.asyncIterator]();
  const first = run.status === 'RUNNING' ? iterator.next() : await iterator.next();
  if ('done' in first && first.done && cursor.after > 0) return c.body(null, 204);
  const timer =
    eventsWindow === undefined ? undefined : setTimeout(() => gone.abort(), eventsWindow);
  const response = streamSSE(c, async (stream) => {
    stream.onAbort(() => gone.abort());
    const beat = setInterval(() => void stream.write(': still here\n\n'), heartbeat);
    try {
      const told = await tell(stream, first, iterator, cursor, eventsSize);
      if (told && !gone.signal.aborted) await stream.writeSSE({ event: 'end', data: '{}' });
    } catch (error) {
      await stream.writeSSE({ event: 'problem', data: JSON.stringify(problemOf(error)) });
    } finally {
      clearInterval(beat);
      clearTimeout(timer);
    }
  });
  // These belong to the connection: node sets its own, and API Gateway takes none from a function.
  response.headers.delete('Transfer-Encoding');
  response.headers.delete('Connection');
  return response;
}

/** True when there are no more events; false when the answer is full before that. */
async function tell(
  stream: SSEStreamingApi,
  first: IteratorResult<Told> | Promise<IteratorResult<Told>>,
  iterator: AsyncIterator<Told>,
  { after, afterTokens }: Cursor,
  room = Number.POSITIVE_INFINITY,
): Promise<boolean> {
  let size = 0;
  let event = after;
  let position = afterTokens;
  for (let next = await first; !next.done; next = await iterator.next()) {
    const told = next.value;
    const data = JSON.stringify(told);
    size += data.length;
    if (isTokens(told)) position = told.position;
    else event = told.id;
    const id = position === undefined ? String(event) : `${event}.${position}`;
    await stream.writeSSE({ id, data, ...(isTokens(told) ? { event: 'tokens' } : {}) });
    if (size > room) {
      await iterator.return?.();
      return false;
    }
  }
  return true;
}

type Told = RunEvent | TokenEvent;

/** How much is known already. */
interface Cursor {
  readonly after: number;
  /** undefined: nobody watches the run, which has no tokens. */
  readonly afterTokens: number | undefined;
}

function cursorOf(c: Context, run: string): Cursor {
  const text = c.req.header('Last-Event-ID') ?? c.req.query('after') ?? '0';
  const [, after, position = '0'] = /^(\d{1,9})(?:\.(\d{1,15}))?$/.exec(text) ?? [];
  if (after === undefined) {
    throw new UsageError(
      "The event to go on after is not the id of an event: a whole number, or in a run that is watched two, '12.40'.",
    );
  }
  return { after: Number(after), afterTokens: isWatched(run) ? Number(position) : undefined };
}
