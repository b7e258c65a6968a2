import OpenAI from 'openai';
import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import { chatBody } from './chat-body.ts';
import { modelResult } from './chat-reply.ts';
import type { Connection } from './connection.ts';
import { ModelError } from './errors.ts';
import { type FaultOf, faultInReply, faultOf } from './fault.ts';
import { schemaProblem } from './output-check.ts';
import type { ModelRequest } from './request.ts';
import type { ModelResult } from './result.ts';

export interface CallOptions {
  /** Aborting it ends the HTTP request; the call fails with 'Model.Aborted'. */
  readonly signal?: AbortSignal;
  /** Milliseconds since the epoch by which the caller will be stopped. Default: no such limit. */
  readonly deadline?: number;
}

/** What the function keeps of its time to report an error: half a second, or a tenth if that is less. */
const reserve = (remaining: number) => Math.min(500, remaining / 10);

/** The longest call: a Lambda function's 15 minutes. */
const longest = 900_000;

/**
 * Makes one model call through Chat Completions, one HTTP request without retries: the state machine
 * retries, by the name of the error.
 *
 * Time: the call ends at its own `timeoutSeconds`, at 300 seconds without a byte (Node's fetch), or a
 * little before the deadline, whichever comes first, with 'Model.Timeout'; the limit covers the whole
 * reply, not just its first byte. Nothing but `ModelError` is thrown.
 */
export async function callModel(
  request: ModelRequest,
  connection: Connection,
  options: CallOptions = {},
): Promise<ModelResult> {
  const { provider, baseURL } = connection;
  const at = { provider: provider.name, model: request.model };
  const limit = timeLimit(request, options.deadline);
  if (limit <= 0) {
    throw new ModelError(
      'Model.Timeout',
      `${at.provider}:${at.model} was not called: the function has no time left. Give it a longer timeout.`,
      at,
    );
  }
  checkSchema(request, at);
  const { body, wrapped } = chatBody(request, provider);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), limit);
  const signal = AbortSignal.any([late.signal, ...(options.signal ? [options.signal] : [])]);
  const of: FaultOf = { provider, model: request.model, baseURL, sent: Object.keys(body) };
  const started = performance.now();
  let reply: unknown;
  let requestId: string | null;
  try {
    options.signal?.throwIfAborted();
    const { data, response } = await client(connection)
      .chat.completions.create(body as unknown as ChatCompletionCreateParamsNonStreaming, {
        signal,
      })
      .withResponse();
    reply = data;
    requestId = response.headers.get('x-request-id') ?? response.headers.get('request-id');
  } catch (thrown) {
    if (options.signal?.aborted) throw aborted(at);
    if (late.signal.aborted) throw timedOut(at, limit, request);
    throw faultOf(thrown, of);
  } finally {
    clearTimeout(timer);
  }
  const failure = faultInReply(reply, of);
  if (failure !== null) throw failure;
  const latency = Math.round(performance.now() - started);
  return modelResult(reply, { provider: at.provider, request, wrapped, requestId, latency });
}

/** Every setting is given, so that the package reads none of its own from the environment. */
function client({ provider, baseURL, apiKey }: Connection): OpenAI {
  return new OpenAI({
    baseURL,
    apiKey: apiKey ?? 'none',
    adminAPIKey: null,
    ...(provider.name === 'openai' ? {} : { organization: null, project: null }),
    webhookSecret: null,
    maxRetries: 0,
    // The package's own limit ends with the first byte; ours covers the whole reply and comes first.
    timeout: longest + 60_000,
    logLevel: 'off',
    // A redirect would take key and prompt to a host that nobody named.
    fetchOptions: { redirect: 'manual' },
    ...(apiKey === null ? { defaultHeaders: { authorization: null } } : {}),
  });
}

function timeLimit(request: ModelRequest, deadline: number | undefined): number {
  const remaining = deadline === undefined ? Number.POSITIVE_INFINITY : deadline - Date.now();
  const own = (request.timeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  const beforeDeadline = remaining - reserve(Math.max(0, remaining));
  return Math.floor(Math.min(own, beforeDeadline, longest));
}

/** A schema that no validator can use would be paid for first and found out later. */
function checkSchema(request: ModelRequest, at: { provider: string; model: string }): void {
  if (request.output === undefined) return;
  try {
    schemaProblem(null, request.output.schema);
  } catch {
    throw new ModelError(
      'Model.Rejected',
      `${at.provider}:${at.model} was not called: the schema of ${request.output.name} cannot be used. Check its references ($ref) and patterns.`,
      at,
    );
  }
}

function aborted(at: { provider: string; model: string }): ModelError {
  return new ModelError(
    'Model.Aborted',
    `The call of ${at.provider}:${at.model} was stopped by its caller before it was answered.`,
    at,
  );
}

function timedOut(
  at: { provider: string; model: string },
  limit: number,
  request: ModelRequest,
): ModelError {
  const own = request.timeoutSeconds !== undefined && limit === request.timeoutSeconds * 1000;
  const mend = own ? "Raise the step's timeout" : "Raise the function's timeout";
  return new ModelError(
    'Model.Timeout',
    `${at.provider}:${at.model} did not finish its answer within ${limit / 1000} seconds. ${mend}, ask for less, or retry.`,
    at,
  );
}
