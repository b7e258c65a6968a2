import { type PayloadStore, payloadStoreOf } from '../payload/store.ts';
import { lineageOf } from '../run-name.ts';
import type { ModelRequest } from './request.ts';
import type { ModelResult } from './result.ts';
import { reuseKey } from './reuse-key.ts';
import { noUsage } from './usage.ts';

export interface ReuseSite {
  readonly provider: string;
  readonly baseURL: string;
  /** Default: the store that the environment names. */
  readonly open?: () => Promise<PayloadStore | null>;
}

/**
 * Makes a call whose request says `reuse`, unless the run's lineage has the answer of the same call: then
 * that is given, marked as reused, at no usage and no price. Answers that come are recorded. A store
 * that cannot be used reuses nothing, and fails no call. Identical calls that run at once may both be
 * made.
 */
export async function reusedCall(
  request: ModelRequest,
  { provider, baseURL, open = () => payloadStoreOf(process.env) }: ReuseSite,
  call: () => Promise<ModelResult>,
): Promise<ModelResult> {
  const run = request.caller?.[0];
  const store = request.reuse && run !== undefined ? await open() : null;
  if (store === null || run === undefined) return call();
  const prefix = lineageOf(run);
  const name = `answer-${reuseKey(request, provider, baseURL)}`;
  const known = await store.get(prefix, name).catch(() => null);
  if (known !== null) return reused(JSON.parse(known) as ModelResult);
  const result = await call();
  await store.put(prefix, name, JSON.stringify(result)).catch(() => {
    console.warn('An answer could not be recorded; the same call will be made again.');
  });
  return result;
}

/** An answer that was paid for before. */
function reused(result: ModelResult): ModelResult {
  const { usage, price } = result;
  return {
    ...result,
    reused: true,
    original: { usage, price },
    usage: noUsage,
    price: price && { usd: 0 },
    attempts: 0,
    latency: 0,
  };
}
