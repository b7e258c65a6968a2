import type { Json } from '../../json.ts';
import { wholeRequest } from '../../payload/model-function.ts';
import type { CallClock } from '../call.ts';
import type { Environment } from '../connection.ts';
import { ModelError } from '../errors.ts';
import { field, textField } from '../field.ts';
import { withKey } from '../key.ts';
import { toldLimits } from '../limiter/limits.ts';
import { networkFault } from '../network-fault.ts';
import type { Provider } from '../providers.ts';
import { requestIdIn } from '../request-id.ts';
import { responsesBody } from '../responses-body.ts';
import { type FaultOf, fault, statusFault } from '../status-fault.ts';
import { type Job, metadataNames } from './job.ts';
import { limitOf } from './time-limit.ts';

/** A response as the provider tells of it, of whatever shape. */
export interface Told {
  readonly data: unknown;
  readonly headers: Headers;
}

/** The provider, and the key with which it is asked. */
export interface ProviderDesk {
  readonly provider: Provider;
  readonly baseURL: string;
  /** Holds the key, or says where it is: see key.ts. */
  readonly environment: Environment;
  /** Whose time the limits of its requests are of. Default: the machine's. */
  readonly clock?: CallClock;
}

/** The longest wait for an answer of these three, of which none waits for the model. */
const longestWait = 20_000;

/** A response's id goes into a URL. */
const idPattern = /^[A-Za-z0-9_-]{1,200}$/;

/**
 * The three calls of OpenAI's Responses API that a job takes, by Node's own fetch and not by the openai
 * package: 385 KB and 44 ms of every cold start, for three requests without streams or retries
 * (docs/decisions/2026-11-22-background-lane.md). Errors have the names that the sync lane gives them.
 */
export function responsesOf({ provider, baseURL, environment, clock }: ProviderDesk) {
  async function ask(model: string, path: string, body?: Json): Promise<Told> {
    const sent = body === null || typeof body !== 'object' ? [] : Object.keys(body);
    const of: FaultOf = { provider, model, baseURL, sent };
    const { told } = await withKey(
      environment,
      { provider: provider.name, model },
      async (key) => ({
        told: await send(`${baseURL}/responses${path}`, key, body, of, clock),
        attempts: 1,
      }),
    );
    return told;
  }
  return {
    /** Gives a job's attempt to the provider. @throws ModelError */
    async create(job: Job): Promise<Job> {
      const request = await wholeRequest(job.asked ?? job.request);
      const { body } = responsesBody(request, provider);
      const metadata = {
        ...(body.metadata as object | undefined),
        [metadataNames.job]: job.id,
        [metadataNames.attempt]: String(job.attempt),
      };
      // The provider keeps what it works on in the background, and says so where it is told not to.
      const told = await ask(request.model, '', {
        ...body,
        store: true,
        background: true,
        metadata,
      });
      const id = textField(told.data, 'id');
      if (id === undefined || !idPattern.test(id)) {
        throw notAResponse({ provider, model: request.model, baseURL, sent: [] });
      }
      return { ...job, response: id, told: limitsIn(told.headers, provider.name) };
    },

    /** What the provider knows of a response. null: it knows none of that id. @throws ModelError */
    async retrieve(id: string, model: string): Promise<Told | null> {
      return idPattern.test(id) ? unlessGone(ask(model, `/${id}`), [404]) : null;
    },

    /**
     * Stops the provider's work on a response, and gives what it knows of it then. null: there was
     * nothing to stop. @throws ModelError
     */
    async cancel(id: string, model: string): Promise<Told | null> {
      // One that is over is refused with 400 or 409.
      const over = [400, 404, 409];
      return idPattern.test(id) ? unlessGone(ask(model, `/${id}/cancel`, {}), over) : null;
    },
  };
}

export type Responses = ReturnType<typeof responsesOf>;

/** What is left now will be another thing when the job ends: only the limits stay true. */
function limitsIn(headers: Headers, provider: string): NonNullable<Job['told']> {
  const { requestsPerMinute, tokensPerMinute } = toldLimits(headers, provider);
  return {
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    ...(tokensPerMinute === undefined ? {} : { tokensPerMinute }),
  };
}

async function unlessGone(asked: Promise<Told>, gone: readonly number[]): Promise<Told | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ModelError && gone.includes(error.status ?? 0)) return null;
    throw error;
  }
}

async function send(
  url: string,
  key: string | null,
  body: Json | undefined,
  of: FaultOf,
  clock: CallClock | undefined,
): Promise<Told> {
  let response: Response;
  let text: string;
  const limit = limitOf(longestWait, clock);
  try {
    response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A redirect would take key and prompt to a host that nobody named.
      redirect: 'manual',
      signal: limit.signal,
    });
    text = await response.text();
  } catch (thrown) {
    const late = thrown instanceof Error && thrown.name === 'TimeoutError';
    throw networkFault(thrown, of, late ? 'Model.Timeout' : 'Model.Unavailable');
  } finally {
    limit.cancel();
  }
  const { ok, status } = response;
  const headers = new Headers(response.headers);
  // Who reads it later does not know the key.
  if (requestIdIn(headers, key) === null) headers.delete('x-request-id');
  const data = parsed(text);
  if (!ok) throw statusFault(status, field(data, 'error') ?? data, headers, of);
  if (textField(data, 'object') !== 'response') throw notAResponse(of);
  return { data, headers };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notAResponse(of: FaultOf): ModelError {
  return fault(
    of,
    'Model.Unavailable',
    200,
    "answered with status 200, but not with a Response. The lane 'background' takes a server with OpenAI's Responses API: check the base URL.",
  );
}
