import type { Context } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { UsageError } from '../errors.ts';
import type { RunEvent } from '../run/run.ts';
import type { Runner } from '../run/runner.ts';
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
 */
export async function streamEvents(
  c: Context,
  runner: Runner,
  { workflow, id }: { workflow: string; id: string },
  { eventsWindow, eventsSize }: EventsOptions,
): Promise<Response> {
  const after = afterOf(c);
  // Before the stream begins an error can still be a problem with its status.
  const run = await runner.get(workflow, id);
  const gone = new AbortController();
  const events = runner.events(workflow, id, { after, signal: gone.signal });
  const iterator = events[Symbol.asyncIterator]();
  const first = run.status === 'RUNNING' ? iterator.next() : await iterator.next();
  if ('done' in first && first.done && after > 0) return c.body(null, 204);
  const timer =
    eventsWindow === undefined ? undefined : setTimeout(() => gone.abort(), eventsWindow);
  const response = streamSSE(c, async (stream) => {
    stream.onAbort(() => gone.abort());
    const beat = setInterval(() => void stream.write(': still here\n\n'), heartbeat);
    try {
      const told = await tell(stream, first, iterator, eventsSize);
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
  first: IteratorResult<RunEvent> | Promise<IteratorResult<RunEvent>>,
  iterator: AsyncIterator<RunEvent>,
  room = Number.POSITIVE_INFINITY,
): Promise<boolean> {
  let size = 0;
  for (let next = await first; !next.done; next = await iterator.next()) {
    const data = JSON.stringify(next.value);
    size += data.length;
    await stream.writeSSE({ id: String(next.value.id), data });
    if (size > room) {
      await iterator.return?.();
      return false;
    }
  }
  return true;
}

function afterOf(c: Context): number {
  const text = c.req.header('Last-Event-ID') ?? c.req.query('after') ?? '0';
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError('The event to go on after is not the id of an event, a whole number.');
}
