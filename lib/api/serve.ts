import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ServerType, serve } from '@hono/node-server';
import type { Hono } from 'hono';
import { UsageError } from '../errors.ts';
import type { Runner } from '../run/runner.ts';
import { type ApiOptions, createApi } from './api.ts';

export interface ServeOptions extends Omit<ApiOptions, 'local'> {
  /** 0 takes any free port. */
  readonly port: number;
  /** Default: '127.0.0.1'. */
  readonly host?: '127.0.0.1' | '::1' | 'localhost';
}

export interface ApiServer {
  /** 'http://127.0.0.1:8737' */
  readonly url: string;
  /** Ends open streams too. The runner stays open: it belongs to the caller. */
  close(): Promise<void>;
}

/**
 * Serves the API on this machine, and to this machine only: there is no authorization.
 *
 * @throws UsageError for a host that is not loopback, or a port that is taken or not allowed.
 */
export async function serveApi(runner: Runner, options: ServeOptions): Promise<ApiServer> {
  const { port, host = '127.0.0.1', ...apiOptions } = options;
  if (!['127.0.0.1', '::1', 'localhost'].includes(host)) {
    throw new UsageError(
      `The API cannot be served on host "${host}": it has no authorization. ` +
        'Allowed are 127.0.0.1, ::1 and localhost.',
    );
  }
  const app = createApi(runner, { ...apiOptions, local: true });
  const server = await listen(app, port, host);
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://${host === '::1' ? '[::1]' : host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        (server as Server).closeAllConnections();
      }),
  };
}

function listen(app: Hono, port: number, hostname: string): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname }, () => resolve(server));
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new UsageError(
          `The API cannot be served on port ${port} of ${hostname} (${error.code}). ` +
            'Choose another port, or 0 for any that is free.',
        ),
      );
    });
  });
}
