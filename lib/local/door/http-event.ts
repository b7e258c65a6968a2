import { randomUUID } from 'node:crypto';
import type { Json } from '../../json.ts';

/** Bodies that API Gateway hands on as text; all others it writes in base64. */
const textTypes =
  /^(?:text\/|application\/(?:json|xml|javascript)\b|application\/[\w.-]+\+json\b)/i;

/** A request as API Gateway's HTTP API tells it to a Lambda function (payload format 2.0). */
export function httpEvent(request: Request, body: Buffer): object {
  const url = new URL(request.url);
  const headers = Object.fromEntries(request.headers);
  const asText = textTypes.test(headers['content-type'] ?? '');
  const now = Date.now();
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers,
    queryStringParameters: Object.fromEntries(url.searchParams),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'local',
      domainName: url.host,
      domainPrefix: 'local',
      http: {
        method: request.method,
        path: url.pathname,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: new Date(now).toISOString(),
      timeEpoch: now,
    },
    ...(body.length > 0 && { body: asText ? body.toString() : body.toString('base64') }),
    isBase64Encoded: body.length > 0 && !asText,
  };
}

interface HttpAnswer {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/** What a function answered, as a response. An answer without a status is a body for 200, as in AWS. */
export function httpResponse(answer: Json): Response {
  const given = answer as HttpAnswer | null;
  if (typeof given !== 'object' || typeof given?.statusCode !== 'number') {
    return Response.json(answer ?? {});
  }
  const headers = new Headers(given.headers);
  for (const cookie of given.cookies ?? []) headers.append('set-cookie', cookie);
  const text = given.body ?? '';
  const body = given.isBase64Encoded ? Buffer.from(text, 'base64') : text;
  const bodiless = given.statusCode === 204 || given.statusCode === 304;
  return new Response(bodiless ? null : body, { status: given.statusCode, headers });
}
