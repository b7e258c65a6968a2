import { format } from 'node:util';
import type { LogLevel } from '../function-log.ts';
import { postNow } from './outbox.ts';
import { invocations, OUTPUT_LIMIT } from './running.ts';

/** Characters of one piece of output: longer ones are cut, and say so. */
const PIECE_LIMIT = 65_536;

const CONSOLE_LEVELS = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  log: 'info',
  warn: 'warn',
  error: 'error',
} as const satisfies Record<string, LogLevel>;

/** What code outside of every invocation may still write: its budget is one for all. */
const outside = { requestId: null, outputLeft: OUTPUT_LIMIT };

/**
 * Sends what a function prints to the host, with the invocation that printed it: `console` by its
 * level, and all else that writes to `process.stdout` and `process.stderr`. It is sent at once, so
 * that the last words of a handler that then blocks or exits are heard. What native code writes to
 * the file descriptors is not seen here.
 */
export function captureOutput(logs: boolean): void {
  const send = logs ? sendOutput : () => {};
  for (const [method, level] of Object.entries(CONSOLE_LEVELS) as [
    keyof typeof CONSOLE_LEVELS,
    LogLevel,
  ][]) {
    console[method] = (...values: unknown[]) => send(level, format(...values));
  }
  redirect(process.stdout, (text) => send('info', text));
  redirect(process.stderr, (text) => send('error', text));
}

/** An error that no invocation can be told of any more: it is at least seen in the logs. */
export function logLostError(what: string, cause: string): void {
  sendOutput('error', `${what}\t${cause}`);
}

function redirect(stream: NodeJS.WriteStream, send: (text: string) => void): void {
  const write = (
    chunk: Uint8Array | string,
    encoding?: BufferEncoding | ((error?: Error | null) => void),
    done?: (error?: Error | null) => void,
  ): boolean => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    send(text.endsWith('\n') ? text.slice(0, -1) : text);
    const callback = typeof encoding === 'function' ? encoding : done;
    if (callback) queueMicrotask(() => callback());
    return true;
  };
  stream.write = write;
}

function sendOutput(level: LogLevel, text: string): void {
  const writer = invocations.getStore() ?? outside;
  if (writer.outputLeft <= 0) return;
  const piece = text.length > PIECE_LIMIT ? cut(text) : text;
  writer.outputLeft -= piece.length + 1;
  const { requestId } = writer;
  const time = Date.now();
  postNow({ kind: 'log', requestId, level, text: piece, time });
  if (writer.outputLeft > 0) return;
  const notice = `The invocation wrote more than ${OUTPUT_LIMIT} characters; the rest is dropped.`;
  postNow({ kind: 'log', requestId, level: 'warn', text: notice, time });
}

function cut(text: string): string {
  return `${text.slice(0, PIECE_LIMIT - 64)}... (${text.length} characters)`;
}
