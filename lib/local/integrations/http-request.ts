import { TaskFailure } from '../../engine/task/task-port.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { Authorization } from './connections.ts';
import { formEncoded } from './form-encoding.ts';

/** AWS: at most 256 KiB of an answer are read. */
export const ANSWER_LIMIT = 262_144;

/** What an HTTP task asks for, without what its connection adds. */
export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | undefined;
}

/** Reads the parameters of `http:invoke`. @throws TaskFailure `States.Runtime` for what is no request. */
export function httpRequest(parameters: JsonObject): HttpRequest {
  const { ApiEndpoint, Method, RequestBody } = parameters;
  const url = URL.canParse(String(ApiEndpoint)) ? new URL(String(ApiEndpoint)) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new TaskFailure('States.Runtime', 'ApiEndpoint is not an absolute http(s) URL.');
  addQuery(url, parameters.QueryParameters as JsonObject | undefined);
  const headers = new Headers({ 'User-Agent': 'Amazon|StepFunctions|HttpInvoke|local' });
  headers.set('Range', `bytes=0-${ANSWER_LIMIT}`);
  for (const [name, value] of Object.entries((parameters.Headers ?? {}) as JsonObject))
    setHeader(headers, name, Array.isArray(value) ? value.join(', ') : String(value));
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

/** A request and what its connection adds to it. */
export interface Sent {
  readonly request: HttpRequest;
  readonly authorization: Authorization;
}

/** The request with what its connection adds. */
export function authorized({ request, authorization }: Sent): { url: string; headers: Headers } {
  const url = new URL(authorization.at ?? request.url);
  addQuery(url, authorization.query);
  const headers = new Headers(request.headers);
  for (const [name, value] of Object.entries(authorization.headers ?? {}))
    setHeader(headers, name, value);
  return { url: url.href, headers };
}

/** The message tells no value: it may be a key. */
function setHeader(headers: Headers, name: string, value: string): void {
  try {
    headers.set(name, value);
  } catch {
    throw new TaskFailure('States.Runtime', `The header '${name}' of the HTTP task is not valid.`);
  }
}
