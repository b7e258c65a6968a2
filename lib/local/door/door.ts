import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { checkLink } from '../../callback/signed-link.ts';
import type { Json, JsonObject } from '../../json.ts';
import { loopbackHost, loopbackOnly } from '../endpoint/loopback-only.ts';
import { readBody, readBytes } from '../endpoint/request-body.ts';
import { ServiceError } from '../endpoint/service-error.ts';
import { callbackOperations } from './callback-operations.ts';
import { httpEvent, httpResponse } from './http-event.ts';
import type { TokenDesk } from './token-desk.ts';

export interface DoorOptions {
  readonly desk: TokenDesk;
  /** What links are signed with. */
  readonly linkSecret: string;
  /** Which function serves the paths that begin so: `{ webhooks: 'webhook' }` serves '/webhooks/...'. */
  readonly routes: Readonly<Record<string, string>>;
  /** Calls a function with JSON text. */
  readonly invoke: (name: string, payload: string) => Promise<string>;
}

/** Where this process is called back: by its own functions, by people's browsers, by providers. */
export interface Door {
  /** 'http://127.0.0.1:41234' */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * One HTTP server on 127.0.0.1, on a port that is free. `POST /` with an X-Amz-Target takes
 * SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat as Step Functions does, so a function is the
 * same here and in AWS. Any other path is answered by the function that `routes` names, called as API
 * Gateway calls it, and only through a signed link: here the door checks what the authorizer checks
 * in AWS.
 */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const server = await listen(doorApp(options));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(app: Hono): Promise<Server> {
  const server = createServer(getRequestListener(app.fetch));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

function doorApp({ desk, linkSecret, routes, invoke }: DoorOptions): Hono {
  const app = new Hono();
  app.post('/', loopbackOnly, (c) => answerCallback(c, desk));
  // A link is its own authority, so a form's Origin does not matter: a strict policy makes it 'null'.
  for (const [segment, name] of Object.entries(routes)) {
    app.all(`/${segment}/*`, loopbackHost, async (c) => {
      const request = c.req.raw;
      const { expires, signature } = c.req.query();
      const { pathname } = new URL(request.url);
      if (checkLink({ path: pathname, expires, signature }, linkSecret) !== 'good') {
        return c.json({ message: 'Forbidden' }, 403);
      }
      const event = httpEvent(request, await readBytes(request));
      return httpResponse(JSON.parse(await invoke(name, JSON.stringify(event))) as Json);
    });
  }
  app.notFound((c) => c.json({ message: 'Not Found' }, 404));
  app.onError((error, c) =>
    error instanceof ServiceError
      ? c.json({ message: error.message }, error.status)
      : c.json({ message: 'Internal Server Error' }, 500),
  );
  return app;
}

async function answerCallback(c: Context, desk: TokenDesk): Promise<Response> {
  const [service, name = ''] = (c.req.header('X-Amz-Target') ?? '').split('.');
  const operation =
    service === 'AWSStepFunctions' && Object.hasOwn(callbackOperations, name)
      ? callbackOperations[name]
      : undefined;
  try {
    if (!operation) {
      throw new ServiceError(
        'UnknownOperationException',
        `Served here are ${Object.keys(callbackOperations).join(', ')}.`,
        404,
      );
    }
    const output = await operation(parsed(await readBody(c.req.raw)), desk);
    return send(c, output, 200);
  } catch (error) {
    if (!(error instanceof ServiceError)) {
      return send(c, { __type: 'InternalFailure', message: 'The answer was not taken.' }, 500);
    }
    return send(c, { __type: error.name, message: error.message }, error.status);
  }
}

function send(c: Context, body: object, status: 200 | ServiceError['status']): Response {
  c.header('Content-Type', 'application/x-amz-json-1.0');
  c.header('x-amzn-RequestId', randomUUID());
  return c.body(JSON.stringify(body), status);
}

function parsed(text: string): JsonObject {
  try {
    const body = JSON.parse(text) as unknown;
    if (typeof body === 'object' && body !== null && !Array.isArray(body))
      return body as JsonObject;
  } catch {
    // Told below: the message holds no part of the body.
  }
  throw new ServiceError('SerializationException', "The request's body is not a JSON object.");
}
