import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import {
  type BackgroundOptions,
  BackgroundResponses,
} from '../../../lib/local/stand-in/background.ts';

export interface CountingProvider {
  /** The variables by which a runner finds it. */
  readonly environment: Record<string, string>;
  readonly meter: BackgroundResponses['meter'];
}

/** A provider outside of the runner, which counts what it is asked. It sends no webhooks. */
export async function startProvider(options: BackgroundOptions): Promise<CountingProvider> {
  const responses = new BackgroundResponses(options);
  const server = createServer(
    (request, response) => void responses.handleRequest(request, response, String(request.url)),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    responses.close();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    environment: {
      OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
      OPENAI_API_KEY: 'canary-key',
    },
    meter: responses.meter,
  };
}
