import { TaskFailure } from '../../engine/task/task-port.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { Authorization, Connections } from './connections.ts';
import { formEncoded } from './form-encoding.ts';
import type { Integration, ServiceCall } from './integration.ts';

/** AWS: an HTTP task has 60 seconds, whatever its TimeoutSeconds says. */
const LIMIT = 60_000;

/** AWS: at most 256 KiB of an answer are read. */
const ANSWER_LIMIT = 262_144;

export interface HttpInvokeOptions {
  /** Milliseconds. Default: 60,000. */
  readonly limit?: number;
}

/**
 * `arn:aws:states:::http:invoke`: a real HTTP request. Unlike AWS it takes http:// besides https://, so
 * that servers on this machine can be called. Errors: `States.Http.StatusCode.<status>` for every status
 * that is not 2xx (redirects are not followed), `States.Http.Socket` where no answer comes within 60
 * seconds or at all, `Events.ConnectionResource.NotFound` for a connection that is not configured.
 */
export function httpInvoke(connections: Connections, options: HttpInvokeOptions = {}): Integration {
  return {
    refuse: ({ api, pattern }) =>
      api === 'invoke' && pattern === 'request' ? undefined : 'Of http the API invoke is served.',
    async run(call) {
      const parameters = JSON.parse(call.input) as JsonObject;
      const authorization = await authorize(connections, parameters);
      const request = requestOf(parameters, authorization);
      const response = await send(request, call, options.limit ?? LIMIT);
      const result = JSON.stringify(response);
      if (response.StatusCode >= 200 && response.StatusCode < 300) return result;
      throw new TaskFailure(`States.Http.StatusCode.${response.StatusCode}`, result);
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

interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | undefined;
}

function requestOf(parameters: JsonObject, authorization: Authorization): HttpRequest {
  const { ApiEndpoint, Method, RequestBody } = parameters;
  const url = URL.canParse(String(ApiEndpoint)) ? new URL(String(ApiEndpoint)) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new TaskFailure('States.Runtime', 'ApiEndpoint is not an absolute http(s) URL.');
  addQuery(url, parameters.QueryParameters as JsonObject | undefined);
  addQuery(url, authorization.query);
  const headers = new Headers({ 'User-Agent': 'Amazon|StepFunctions|HttpInvoke|local' });
  headers.set('Range', `bytes=0-${ANSWER_LIMIT}`);
  for (const [name, value] of Object.entries((parameters.Headers ?? {}) as JsonObject))
    headers.set(name, Array.isArray(value) ? value.join(', ') : String(value));
  for (const [name, value] of Object.entries(authorization.headers ?? {})) headers.set(name, value);
  const body = bodyOf(RequestBody, parameters.Transform as JsonObject | undefined, headers);
  return { url: url.href, method: String(Method ?? 'GET'), headers, body };
}

function addQuery(url: URL, query: JsonObject | Readonly<Record<string, string>> = {}): void {
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value])
      url.searchParams.append(name, typeof each === 'string' ? each : JSON.stringify(each));
  }
}

function bodyOf(
  value: Json | undefined,
  transform: JsonObject | undefined,
  headers: Headers,
): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (transform?.RequestBodyEncoding === 'URL_ENCODED') {
    headers.set('Content-Type', 'application/x-www-form-urlencoded');
    const options = (transform.RequestEncodingOptions ?? {}) as JsonObject;
    return formEncoded(value, String(options.ArrayFormat ?? 'INDICES'));
  }
  if (!headers.has('Content-Type')) headers.set('Content-Type', 'application/json');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

interface HttpAnswer {
  readonly Headers: Readonly<Record<string, readonly string[]>>;
  readonly ResponseBody: Json;
  readonly StatusCode: number;
  readonly StatusText: string;
}

async function send(
  { url, ...request }: HttpRequest,
  call: ServiceCall,
  limit: number,
): Promise<HttpAnswer> {
  const late = AbortSignal.timeout(limit);
  const signal = AbortSignal.any([call.signal, late]);
  try {
    const response = await fetch(url, {
      method: request.method,
      headers: request.headers,
      redirect: 'manual',
      signal,
      ...(request.body !== undefined && { body: request.body }),
    });
    return {
      Headers: Object.fromEntries([...response.headers].map(([name, value]) => [name, [value]])),
      ResponseBody: parsed(await readText(response), response.headers.get('Content-Type') ?? ''),
      StatusCode: response.status,
      StatusText: response.statusText,
    };
  } catch (error) {
    if (error instanceof TaskFailure || call.signal.aborted) throw error;
    const { code } = ((error as Error).cause ?? {}) as { code?: string };
    throw new TaskFailure(
      'States.Http.Socket',
      late.aborted
        ? `The HTTP endpoint did not answer within ${limit / 1000} seconds.`
        : `The HTTP endpoint cannot be reached (${code ?? 'the connection was closed'}).`,
    );
  }
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
