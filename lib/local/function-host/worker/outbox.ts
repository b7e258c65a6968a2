import { parentPort } from 'node:worker_threads';
import type { WorkerMessage } from '../message.ts';

let outbox: WorkerMessage[] = [];

/** Sends with all else that happens before the event loop goes on: a fan-out's answers in one message. */
export function post(message: WorkerMessage): void {
  if (outbox.push(message) === 1) queueMicrotask(flush);
}

/** Sends before this returns: for what must be out before a handler blocks or ends the thread. */
export function postNow(message: WorkerMessage): void {
  outbox.push(message);
  flush();
}

function flush(): void {
  if (outbox.length === 0) return;
  const batch = outbox;
  outbox = [];
  parentPort?.postMessage(batch);
}
