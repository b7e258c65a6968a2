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

/** Opens a store. Default: the one that the environment names. */
type Opener = () => Promise<PayloadStore | null>;

const fromEnvironment: Opener = () => payloadStoreOf(process.env);

/**
 * Makes a model call with the request whole, and gives its result, what is too large put aside. A
 * request that names no run goes to the call as it is.
 * @throws what the call throws; PayloadError
 */
export async function withPayloads<T extends ModelParts>(
  event: unknown,
  call: (event: unknown) => Promise<T>,
  open: Opener = fromEnvironment,
): Promise<T> {
  const result = await call(await wholeRequest(event, open));
  return smallResult(event, result, open);
}

/** The request with what it refers to in its place. @throws PayloadError */
export async function wholeRequest<T>(request: T, open: Opener = fromEnvironment): Promise<T> {
  const allowance = allowanceOf(request);
  if (allowance === null) return request;
  return (await resolvePayloads(request as Json, allowance.run, open)) as T;
}

/** The result as the request allows it in the run's data. @throws PayloadError */
export async function smallResult<T extends ModelParts>(
  request: unknown,
  result: T,
  open: Opener = fromEnvironment,
): Promise<T> {
  const allowance = allowanceOf(request);
  if (allowance === null) return result;
  const { output, toolCalls } = result;
  // Usage, price and the rest are small, and read by whoever folds the run.
  const parts = { output, toolCalls } as unknown as Json;
  const { keep = [] } = allowance;
  const small = await offloadPayloads(parts, { ...allowance, keep: [...keep, '/*'] }, open);
  return small === parts ? result : { ...result, ...(small as object) };
}

/** null: nobody says whose call it is. */
function allowanceOf(event: unknown): Allowance | null {
  if (typeof event !== 'object' || event === null) return null;
  const { payload, caller } = event as ModelEvent;
  const run = Array.isArray(caller) ? (caller[0] as unknown) : undefined;
  return typeof run === 'string' ? { ...payload, run } : null;
}
