import type { ProviderDesk } from '../background/responses.ts';
import { limitOf, type TimeLimit } from '../background/time-limit.ts';
import { field } from '../field.ts';
import { withKey } from '../key.ts';
import { networkFault } from '../network-fault.ts';
import { type FaultOf, fault, statusFault } from '../status-fault.ts';
import { linesOf } from './lines.ts';

export interface Asked {
  /** After the base URL. */
  readonly path: string;
  /** Default: 'GET'. */
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** JSON text, or a form with a file. */
  readonly body?: string | FormData;
}

/** The longest wait for an answer, in milliseconds. */
const longestWait = 20_000;
/** A file may take so long. */
const longestTransfer = 120_000;

/** Requests of the lane 'batch', with the function's key. They throw ModelError, named as in the sync lane. */
export function batchRequests({ provider, baseURL, environment, clock }: ProviderDesk) {
  const withTheKey = async <T>(model: string, call: (key: string | null) => Promise<T>) => {
    const use = { provider: provider.name, model };
    const one = async (key: string | null) => ({ answer: await call(key), attempts: 1 });
    return (await withKey(environment, use, one)).answer;
  };
  const of = (model: string): FaultOf => ({ provider, model, baseURL, sent: [] });

  return {
    /** An answer that is a JSON object. */
    json: (model: string, asked: Asked): Promise<object> =>
      withTheKey(model, async (key) => {
        const longest = asked.body instanceof FormData ? longestTransfer : longestWait;
        const limit = limitOf(longest, clock);
        try {
          const response = await send(baseURL, asked, key, limit, of(model));
          const told = await bodyOf(response, of(model));
          if (!response.ok) throw refusal(response, told, of(model));
          if (told !== null && typeof told === 'object') return told;
          throw fault(of(model), 'Model.Unavailable', response.status, notJson);
        } finally {
          limit.cancel();
        }
      }),

    /** A file of lines, of any length, as it comes: without the key, should the provider repeat it. */
    lines: (model: string, path: string): Promise<AsyncIterable<string>> =>
      withTheKey(model, async (key) => {
        const limit = limitOf(longestTransfer, clock);
        try {
          const response = await send(baseURL, { path }, key, limit, of(model));
          if (response.ok && response.body) return linesOf(response.body, key);
          throw refusal(response, await bodyOf(response, of(model)), of(model));
        } finally {
          limit.cancel();
        }
      }),
  };
}

const notJson =
  'answered with something that is not JSON. Check that the base URL points to an OpenAI-compatible API.';

async function send(
  baseURL: string,
  { path, method = 'GET', body }: Asked,
  key: string | null,
  { signal }: TimeLimit,
  of: FaultOf,
): Promise<Response> {
  const isText = typeof body === 'string';
  try {
    return await fetch(`${baseURL}${path}`, {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(isText ? { 'content-type': 'application/json' } : {}),
      },
      ...(body === undefined ? {} : { body }),
      // A redirect would take key and prompts to a host that nobody named.
      redirect: 'manual',
      signal,
    });
  } catch (thrown) {
    throw broken(thrown, of);
  }
}

async function bodyOf(response: Response, of: FaultOf): Promise<unknown> {
  let text: string;
  try {
    text = await response.text();
  } catch (thrown) {
    throw broken(thrown, of);
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal({ status, headers }: Response, told: unknown, of: FaultOf) {
  return statusFault(status, field(told, 'error') ?? told, headers, of);
}

function broken(thrown: unknown, of: FaultOf) {
  const late = thrown instanceof Error && thrown.name === 'TimeoutError';
  return networkFault(thrown, of, late ? 'Model.Timeout' : 'Model.Unavailable');
}
