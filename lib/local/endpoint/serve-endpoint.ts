import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { UsageError } from '../../errors.ts';
import { createEndpoint, type Endpoint, type EndpointOptions } from './endpoint.ts';

export interface ServeEndpointOptions extends EndpointOptions {
  /** 0 takes any free port. */
  readonly port: number;
}

export interface ServedEndpoint {
  /** 'http://127.0.0.1:8083' */
  readonly url: string;
  readonly endpoint: Endpoint;
  /** Ends running executions (unless the store is durable), open requests and the server. */
  close(): Promise<void>;
}

/**
 * Serves Step Functions' protocol on 127.0.0.1.
 * @throws UsageError for a port that is taken or not allowed.
 */
export async function serveEndpoint(options: ServeEndpointOptions): Promise<ServedEndpoint> {
  const { port, ...rest } = options;
  const endpoint = createEndpoint(rest);
  const server = await listen(endpoint.app, port);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    endpoint,
    close: () =>
      new Promise((resolve) => {
        endpoint.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(app: Hono, port: number): Promise<Server> {
  const answer = getRequestListener(app.fetch);
  const server = createServer((incoming, outgoing) => {
    withoutPrefix(incoming);
    void answer(incoming, outgoing);
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new UsageError(
          `The endpoint cannot be served on port ${port} of 127.0.0.1 (${error.code}). ` +
            'Choose another port, or 0 for any that is free.',
        ),
      );
    });
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

/** 'sync-127.0.0.1' is a name that a file of hosts may have, but no host of a URL: URL refuses it. */
function withoutPrefix({ headers }: IncomingMessage): void {
  if (headers.host?.startsWith('sync-')) headers.host = headers.host.slice('sync-'.length);
}
