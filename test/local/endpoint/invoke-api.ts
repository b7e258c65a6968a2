import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { onTestFinished } from 'vitest';
import type { Json } from '../../../lib/json.ts';

export interface FunctionFault {
  readonly errorType?: string;
  readonly errorMessage: string;
}

/** A function of the stub: its answer, or what it throws. */
export type Handler = (event: Json) => Json | Promise<Json>;

/** Thrown by a handler: answered as Lambda answers a failed function. */
export class Thrown extends Error {
  readonly fault: FunctionFault;
  constructor(fault: FunctionFault) {
    super(fault.errorMessage);
    this.fault = fault;
  }
}

/** A server that speaks Lambda's Invoke API, for one test. Gives its URL. */
export async function invokeApi(functions: Readonly<Record<string, Handler>>): Promise<string> {
  const app = new Hono();
  app.post('/2015-03-31/functions/:name/invocations', async (c) => {
    const handler = functions[c.req.param('name')];
    if (!handler) {
      c.header('x-amzn-ErrorType', 'ResourceNotFoundException');
      return c.json({ Type: 'User', Message: `Function not found: ${c.req.param('name')}` }, 404);
    }
    try {
      const event = JSON.parse(await c.req.text()) as Json;
      if (c.req.header('X-Amz-Invocation-Type') === 'Event') return c.body('', 202);
      return c.json((await handler(event)) as never);
    } catch (error) {
      c.header('X-Amz-Function-Error', 'Unhandled');
      return c.json((error as Thrown).fault as never);
    }
  });
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const it = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(it));
  });
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        (server as import('node:http').Server).closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
