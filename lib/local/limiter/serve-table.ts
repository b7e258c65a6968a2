import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Change, LimiterTable } from '../../model/limiter/table.ts';

export interface ServedTable {
  /** For CLOUDGATHER_LIMITER_URL. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves a limiter's table on 127.0.0.1, on a free port, to the functions on this machine. */
export async function serveTable(table: LimiterTable): Promise<ServedTable> {
  const server = createServer(async (request, response) => {
    try {
      const { key, change } = JSON.parse(await textOf(request)) as { key: string; change: Change };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(await table.change(key, change)));
    } catch {
      response.writeHead(400).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}
