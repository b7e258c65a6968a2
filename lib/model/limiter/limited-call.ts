import { ModelError } from '../errors.ts';
import type { Provider } from '../providers.ts';
import type { ModelRequest } from '../request.ts';
import type { ModelResult } from '../result.ts';
import { deferred, inTurn } from '../turn.ts';
import { estimate } from './estimate.ts';
import type { Grant, Limiter } from './limiter.ts';
import { guessedLimits, type ToldLimits, toldLimits } from './limits.ts';

/** The call itself; it tells the headers of each reply. */
export type Call = (onHeaders: (headers: Headers) => void) => Promise<ModelResult>;

export interface LimitedBy {
  /** null: nothing limits the call but the provider. */
  readonly limiter: Limiter | null;
  readonly provider: Provider;
  readonly baseURL: string;
  /** Milliseconds, for the latency. Default: performance.now */
  readonly now?: () => number;
  /** For backing off where the provider says no time. Default: Math.random */
  readonly random?: () => number;
}

/**
 * Makes a call when the limiter lets it, and tells the limiter how it ended. A limiter that cannot be
 * reached limits nothing: the provider's own refusals still make the call wait.
 * @throws ModelError 'Model.Deferred' where the call has to wait; else the call's own error
 */
export async function limitedCall(
  request: ModelRequest,
  { limiter, provider, baseURL, random, now = () => performance.now() }: LimitedBy,
  call: Call,
): Promise<ModelResult> {
  const grant = limiter && (await admission(request, limiter, provider, baseURL));
  let told: ToldLimits | undefined;
  const started = now();
  const settle = async (tokens: number | null) => {
    if (limiter === null || grant === null) return;
    const outcome = { tokens, latencyMs: now() - started, ...(told === undefined ? {} : { told }) };
    await reached(limiter.settle(grant, outcome));
  };
  return inTurn(
    request,
    async () => {
      try {
        const result = await call((headers) => {
          told = toldLimits(headers, provider.name);
        });
        await settle(result.usage.totalTokens);
        return result;
      } catch (error) {
        if (limiter === null || grant === null || !isRefusal(error)) {
          await settle(tokensOf(error));
          throw error;
        }
        throw await refusal(error, request, limiter, grant);
      }
    },
    random,
  );
}

export async function admission(
  request: ModelRequest,
  limiter: Limiter,
  provider: Provider,
  baseURL: string,
): Promise<Grant | null> {
  const { model, turn } = request;
  const granted = await reached(
    limiter.reserve({
      key: `${provider.name}:${model}`,
      run: turn?.run ?? '',
      place: turn?.place,
      ticket: turn?.ticket,
      estimate: estimate(request),
      limits: request.limits ?? {},
      guess: guessedLimits(provider, baseURL),
    }),
  );
  if (granted === null || granted.granted) return granted;
  const { seconds } = granted;
  const error = new ModelError(
    'Model.RateLimited',
    `${provider.name}:${model} was not called: its limit is used up for now, and others wait as well. Retry after ${seconds} seconds.`,
    { provider: provider.name, model, retryAfter: seconds },
  );
  throw deferred(error, turn, seconds, granted, false);
}

/** Closes the door for all. The call itself comes back first, when the provider said. */
export async function refusal(
  error: ModelError,
  request: ModelRequest,
  limiter: Limiter,
  grant: Grant,
): Promise<ModelError> {
  const seconds = error.retryAfter || 2;
  const wait = await reached(limiter.refused(grant, seconds, error.name === 'Model.RateLimited'));
  return deferred(error, request.turn, seconds, wait ?? {});
}

export function isRefusal(error: unknown): error is ModelError {
  return (
    error instanceof ModelError &&
    (error.name === 'Model.RateLimited' || error.name === 'Model.Overloaded')
  );
}

/** A call that was refused for what it is has used nothing; one that broke may have used all. */
export function tokensOf(error: unknown): number | null {
  if (!(error instanceof ModelError)) return null;
  if (error.name === 'Budget.Exceeded') return error.spend?.usage.totalTokens ?? 0;
  if (error.spend !== null) return error.spend.usage.totalTokens;
  if (error.isUnsent) return 0;
  return error.status !== null && error.status >= 400 && error.status < 500 ? 0 : null;
}

let hasWarned = false;

export async function reached<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (!hasWarned) {
      const why = error instanceof Error ? error.name : 'unknown';
      console.warn(`The limiter's table could not be reached (${why}); calls go unlimited.`);
    }
    hasWarned = true;
    return null;
  }
}
