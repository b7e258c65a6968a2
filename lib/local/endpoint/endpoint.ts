import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { checkDepth, DEPTH_LIMIT } from '../../engine/payload.ts';
import type { JsonObject } from '../../json.ts';
import type { Place } from './arn.ts';
import { loopbackOnly } from './loopback-only.ts';
import { operations } from './operations.ts';
import { readBody } from './request-body.ts';
import { Service, type ServiceOptions } from './service.ts';
import { ServiceError } from './service-error.ts';

export interface EndpointOptions extends ServiceOptions {
  /** The account in the ARNs of what is made here. Default: '123456789012'. */
  readonly account?: string;
  /** Where a request plays whose signature names no region. Default: 'us-east-1'. */
  readonly region?: string;
  /** Hears of faults of ours: a request is answered with InternalFailure then. Default: dropped. */
  readonly onFault?: (error: unknown) => void;
}

/** AWS Step Functions on this machine. */
export interface Endpoint {
  /** Speaks AWS JSON 1.0: POST / with X-Amz-Target. Answers to loopback names only. */
  readonly app: Hono;
  readonly service: Service;
  /** Ends all running executions, unless the store is durable. */
  close(): void;
}

const TYPE = 'application/x-amz-json-1.0';
const TARGET = 'AWSStepFunctions.';

/**
 * Makes an endpoint; nothing listens yet. Executions that a durable store has open are gone on with.
 * Signatures are not checked: whoever reaches it is on this machine.
 */
export function createEndpoint(options: EndpointOptions): Endpoint {
  const service = new Service(options);
  const app = new Hono();
  app.use(loopbackOnly);
  app.post('/', (c) => answer(c, service, options));
  app.all('*', (c) => refuse(c, unknownOperation('The request is not POST /.'), options));
  service.executions.resumeAll(options.onFault);
  return { app, service, close: () => service.close() };
}

async function answer(c: Context, service: Service, options: EndpointOptions): Promise<Response> {
  try {
    const target = c.req.header('X-Amz-Target') ?? '';
    const name = target.startsWith(TARGET) ? target.slice(TARGET.length) : '';
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (!operation) throw unknownOperation(`There is no operation for this X-Amz-Target.`);
    const body = parseBody(await readBody(c.req.raw));
    const context = { place: placeOf(c, options), signal: c.req.raw.signal };
    const output = await operation(body, service, context);
    return send(c, JSON.stringify(output), 200);
  } catch (error) {
    return refuse(c, error, options);
  }
}

function refuse(c: Context, error: unknown, options: EndpointOptions): Response {
  if (error instanceof ServiceError) {
    const { name, message, status } = error;
    return send(c, JSON.stringify({ __type: name, message }), status);
  }
  options.onFault?.(error);
  const message = 'The endpoint has failed. This is a fault of the endpoint, not of the request.';
  return send(c, JSON.stringify({ __type: 'InternalFailure', message }), 500);
}

function send(c: Context, body: string, status: 200 | ServiceError['status']): Response {
  c.header('Content-Type', TYPE);
  c.header('x-amzn-RequestId', randomUUID());
  return c.body(body, status);
}

function parseBody(text: string): JsonObject {
  try {
    checkDepth(text);
    const body = JSON.parse(text === '' ? '{}' : text) as unknown;
    if (typeof body === 'object' && body !== null && !Array.isArray(body))
      return body as JsonObject;
  } catch {
    // Told below: the message holds no part of the body.
  }
  throw new ServiceError(
    'SerializationException',
    `The request's body is not a JSON object that nests at most ${DEPTH_LIMIT} levels deep.`,
  );
}

/** The region is that of the signature: 'Credential=KEY/20261122/eu-west-1/states/aws4_request'. */
function placeOf(c: Context, options: EndpointOptions): Place {
  const { account = '123456789012', region = 'us-east-1' } = options;
  const scope = /Credential=[^/,]+\/\d+\/([a-z0-9-]+)\//.exec(c.req.header('Authorization') ?? '');
  return { account, region: scope?.[1] ?? region };
}

function unknownOperation(message: string): ServiceError {
  return new ServiceError('UnknownOperationException', message, 404);
}
