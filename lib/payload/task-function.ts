import type { Json } from '../json.ts';
import { type Allowance, offloadPayloads } from './offload.ts';
import { resolvePayloads } from './resolve.ts';
import { type PayloadStore, payloadStoreOf } from './store.ts';

/** What a document passes to a task's function: the user's input, and what its result may be. */
export interface TaskEvent {
  readonly input: Json;
  readonly payload: Allowance;
}

type Handler = (event: unknown, context: unknown) => unknown;

/**
 * Calls a task's handler with the input alone, large values in it whole, and gives its result, what is
 * too large put aside. An event that no document wrote, as somebody who calls the function by hand sends
 * it, goes to the handler as it is, and its result comes back as it is.
 *
 * @param store Default: the one that the environment names
 * @throws what the handler throws; PayloadError
 */
export async function runTask(
  handler: Handler,
  event: unknown,
  context: unknown,
  store: () => Promise<PayloadStore | null> = () => payloadStoreOf(process.env),
): Promise<unknown> {
  if (!isTaskEvent(event)) return handler(event, context);
  const input = await resolvePayloads(event.input, event.payload.run, store);
  const result = await handler(input, context);
  // As Lambda does: a handler that returns nothing gives null.
  return offloadPayloads((result ?? null) as Json, event.payload, store);
}

/** The exports of a task's module, each of its functions called by `runTask`. */
export function taskExports(module: object): unknown {
  return new Proxy(Object.create(null) as object, {
    get(_, key) {
      const found = Reflect.get(module, key) ?? defaultOf(module, key);
      if (typeof found === 'function') return wrapped(found as Handler);
      return typeof found === 'object' && found !== null ? taskExports(found) : undefined;
    },
  });
}

/** A handler of one, two or three parameters stays one: Lambda looks at their number. */
function wrapped(handler: Handler): Handler {
  const run = (event: unknown, context: unknown) => runTask(handler, event, context);
  return Object.defineProperty(run, 'length', { value: handler.length });
}

function defaultOf(module: object, key: string | symbol): unknown {
  const whole: unknown = Reflect.get(module, 'default');
  const isObject = typeof whole === 'object' && whole !== null;
  return isObject ? Reflect.get(whole, key) : undefined;
}

function isTaskEvent(event: unknown): event is TaskEvent {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return false;
  const { input, payload, ...more } = event as Partial<TaskEvent>;
  if (input === undefined || Object.keys(more).length > 0) return false;
  return typeof payload === 'object' && payload !== null && typeof payload.run === 'string';
}
