import type { HttpExchange } from '../../engine/task/http-exchange.ts';
import { TaskFailure } from '../../engine/task/task-port.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { Authorization, Connections } from './connections.ts';
import { statusWords, withoutKey } from './hidden-secrets.ts';
import { ANSWER_LIMIT, authorized, httpRequest, type Sent } from './http-request.ts';
import type { Integration, ServiceCall } from './integration.ts';

/** AWS: an HTTP task has 60 seconds, whatever its TimeoutSeconds says. */
const LIMIT = 60_000;

export interface HttpInvokeOptions {
  /** Milliseconds. Default: 60,000. */
  readonly limit?: number;
}

/**
 * `arn:aws:states:::http:invoke`: a real HTTP request. Unlike AWS it takes http:// besides https://, so
 * that servers on this machine can be called. Errors: `States.Http.StatusCode.<status>` for every status
 * that is not 2xx (redirects are not followed), with the status text as the cause and no more of the
 * reply, as in AWS; `States.Http.Socket` where no answer comes within 60
 * seconds or at all, `Events.ConnectionResource.NotFound` for a connection that is not configured.
 */
export function httpInvoke(connections: Connections, options: HttpInvokeOptions = {}): Integration {
  return {
    refuse: ({ api, pattern }) =>
      api === 'invoke' && pattern === 'request' ? undefined : 'Of http the API invoke is served.',
    async run(call) {
      const parameters = JSON.parse(call.input) as JsonObject;
      const authorization = await authorize(connections, parameters);
      const request = httpRequest(parameters);
      const response = await send({ request, authorization }, call, options.limit ?? LIMIT);
      const { StatusCode, StatusText } = response;
      if (StatusCode >= 200 && StatusCode < 300) return JSON.stringify(response);
      throw new TaskFailure(`States.Http.StatusCode.${StatusCode}`, StatusText);
    },
  };
}

async function authorize(
  connections: Connections,
  { Authentication, InvocationConfig }: JsonObject,
): Promise<Authorization> {
  const { ConnectionArn: arn } = (Authentication ?? InvocationConfig ?? {}) as JsonObject;
  if (typeof arn !== 'string')
    throw new TaskFailure(
      'States.Runtime',
      'The HTTP task names no connection: Authentication.ConnectionArn is required.',
    );
  const authorization = await connections.authorize(arn);
  if (authorization) return authorization;
  throw new TaskFailure(
    'Events.ConnectionResource.NotFound',
    `The connection '${arn}' is not configured here. Set CLOUDGATHER_CONNECTION_<NAME> to the header that it adds.`,
  );
}

interface HttpAnswer {
  readonly Headers: Readonly<Record<string, readonly string[]>>;
  readonly ResponseBody: Json;
  readonly StatusCode: number;
  readonly StatusText: string;
}

async function send(sent: Sent, call: ServiceCall, limit: number): Promise<HttpAnswer> {
  const late = AbortSignal.timeout(limit);
  const { url, headers } = authorized(sent);
  const { method, body } = sent.request;
  try {
    const response = await fetch(url, {
      ...{ method, headers },
      redirect: 'manual',
      signal: AbortSignal.any([call.signal, late]),
      ...(body !== undefined && { body }),
    });
    const text = withoutKey(await readText(response), sent.authorization);
    const answer = answerOf(response, text, sent.authorization);
    call.exchanged?.(exchangeOf(sent, answer, text));
    return answer;
  } catch (error) {
    if (error instanceof TaskFailure || call.signal.aborted) throw error;
    call.exchanged?.(exchangeOf(sent));
    throw noAnswer(error, late.aborted ? limit : undefined);
  }
}

function answerOf(response: Response, text: string, authorization: Authorization): HttpAnswer {
  const shown = (words: string) => withoutKey(words, authorization);
  return {
    Headers: Object.fromEntries(
      [...response.headers].map(([name, value]) => [name, [shown(value)]]),
    ),
    ResponseBody: parsed(text, response.headers.get('Content-Type') ?? ''),
    StatusCode: response.status,
    StatusText: statusWords(response.status, response.statusText, authorization),
  };
}

function noAnswer(error: unknown, limit: number | undefined): TaskFailure {
  const { code } = ((error as Error).cause ?? {}) as { code?: string };
  return new TaskFailure(
    'States.Http.Socket',
    limit === undefined
      ? `The HTTP endpoint cannot be reached (${code ?? 'the connection was closed'}).`
      : `The HTTP endpoint did not answer within ${limit / 1000} seconds.`,
  );
}

function exchangeOf(
  { request, authorization }: Sent,
  answer?: HttpAnswer,
  text = '',
): HttpExchange {
  const { url, method, body } = request;
  const protocol = new URL(url).protocol.slice(0, -1);
  const { headers = {}, query = {} } = authorization;
  return {
    request: {
      ...{ protocol, method, url, body },
      headers: Object.fromEntries(request.headers),
      secrets: { headers, query },
    },
    response: answer && {
      protocol,
      statusCode: answer.StatusCode,
      statusMessage: answer.StatusText,
      headers: answer.Headers,
      body: text,
    },
  };
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > ANSWER_LIMIT)
      throw new TaskFailure(
        'States.DataLimitExceeded',
        `The answer of the HTTP endpoint is larger than ${ANSWER_LIMIT} bytes.`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** JSON where the answer says so, text otherwise. */
function parsed(text: string, contentType: string): Json {
  if (!/[/+]json\b/i.test(contentType)) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
