import type { Json } from '../json.ts';
import { type Allowance, offloadPayloads } from './offload.ts';
import { resolvePayloads } from './resolve.ts';
import { type PayloadStore, payloadStoreOf } from './store.ts';

/** What of a model's request says whose it is, and what its result may be. */
interface ModelEvent {
  readonly payload?: Omit<Allowance, 'run'>;
  readonly caller?: readonly unknown[];
}

/** What of a model's result may be large. */
interface ModelParts {
  readonly output: unknown;
  readonly toolCalls: unknown;
}

/**
 * Makes a model call with the request whole, and gives its result, what is too large put aside. A
 * request that names no run goes to the call as it is.
 *
 * @param store Default: the one that the environment names
 * @throws what the call throws; PayloadError
 */
export async function withPayloads<T extends ModelParts>(
  event: unknown,
  call: (event: unknown) => Promise<T>,
  store: () => Promise<PayloadStore | null> = () => payloadStoreOf(process.env),
): Promise<T> {
  const allowance = allowanceOf(event);
  if (allowance === null) return call(event);
  const request = await resolvePayloads(event as Json, allowance.run, store);
  const result = await call(request);
  const { output, toolCalls } = result;
  // Usage, price and the rest are small, and read by whoever folds the run.
  const parts = { output, toolCalls } as unknown as Json;
  const { keep = [] } = allowance;
  const small = await offloadPayloads(parts, { ...allowance, keep: [...keep, '/*'] }, store);
  return small === parts ? result : { ...result, ...(small as object) };
}

/** null: nobody says whose call it is. */
export function allowanceOf(event: unknown): Allowance | null {
  if (typeof event !== 'object' || event === null) return null;
  const { payload, caller } = event as ModelEvent;
  const run = Array.isArray(caller) ? (caller[0] as unknown) : undefined;
  return typeof run === 'string' ? { ...payload, run } : null;
}
