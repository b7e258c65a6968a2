import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { checkLink } from '../../callback/signed-link.ts';
import type { Json, JsonObject } from '../../json.ts';
import { type ApprovalListener, putEvents } from '../approval/announced.ts';
import { loopbackHost, loopbackOnly } from '../endpoint/loopback-only.ts';
import { readBody, readBytes } from '../endpoint/request-body.ts';
import { ServiceError } from '../endpoint/service-error.ts';
import { callbackOperations } from './callback-operations.ts';
import { httpEvent, httpResponse } from './http-event.ts';
import type { TokenDesk } from './token-desk.ts';

export interface DoorOptions {
  readonly desk: TokenDesk;
  /** Hears of questions that wait for a person. */
  readonly onApproval: ApprovalListener;
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
  /**
   * Lets those in who are on the way out: an answer may be what ended the run, and whoever gave it is
   * still to be thanked. Waits for them at most 800 ms.
   */
  close(): Promise<void>;
}

const closingTime = 800;

/**
 * One HTTP server on 127.0.0.1, on a port that is free. `POST /` with an X-Amz-Target takes
 * SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat as Step Functions does, and the announcements
 * of approvals as EventBridge does, so a function is the same here and in AWS. Any other path is answered by the function that `routes` names, called as API
 * Gateway calls it, and only through a signed link: here the door checks what the authorizer checks
 * in AWS.
 */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const inside = new Set<ServerResponse>();
  const server = await listen(doorApp(options), inside);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const done = Promise.all([...inside].map((response) => once(response, 'close')));
      const timer = new AbortController();
      const late = sleep(closingTime, undefined, { signal: timer.signal }).catch(() => undefined);
      await Promise.race([done, late]);
      timer.abort();
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(app: Hono, inside: Set<ServerResponse>): Promise<Server> {
  const answer = getRequestListener(app.fetch);
  const server = createServer((request, response) => {
    inside.add(response);
    response.once('close', () => inside.delete(response));
    void answer(request, response);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

function doorApp(options: DoorOptions): Hono {
  const { linkSecret, routes, invoke } = options;
  const app = new Hono();
  app.post('/', loopbackOnly, (c) => answerCallback(c, operationsOf(options)));
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

type Operations = ReadonlyMap<string, (body: JsonObject) => Promise<object>>;

function operationsOf({ desk, linkSecret, onApproval }: DoorOptions): Operations {
  const callbacks = Object.entries(callbackOperations).map(
    ([name, operation]) =>
      [`AWSStepFunctions.${name}`, (body: JsonObject) => operation(body, desk)] as const,
  );
  return new Map([
    ...callbacks,
    ['AWSEvents.PutEvents', async (body) => putEvents(body, linkSecret, onApproval)],
  ]);
}

async function answerCallback(c: Context, operations: Operations): Promise<Response> {
  const operation = operations.get(c.req.header('X-Amz-Target') ?? '');
  try {
    if (!operation) {
      throw new ServiceError(
        'UnknownOperationException',
        `Served here are ${[...operations.keys()].join(', ')}.`,
        404,
      );
    }
    const output = await operation(parsed(await readBody(c.req.raw)));
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
