import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ServerType, serve } from '@hono/node-server';
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
        (server as Server).closeAllConnections();
      }),
  };
}

function listen(app: Hono, port: number): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () => resolve(server));
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new UsageError(
          `The endpoint cannot be served on port ${port} of 127.0.0.1 (${error.code}). ` +
            'Choose another port, or 0 for any that is free.',
        ),
      );
    });
  });
}
