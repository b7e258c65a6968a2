import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A request as it came over the wire. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
  /** Resolves when the client has gone away before the answer was whole. */
  readonly dropped: Promise<void>;
}

export interface ProviderServer {
  readonly origin: string;
  readonly baseURL: string;
  readonly received: readonly Received[];
}

/** A real HTTP server in a provider's place; closed with its sockets when the test ends. */
export async function providerServer(
  answer: (request: Received, response: ServerResponse) => void,
): Promise<ProviderServer> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      text += chunk;
    });
    const dropped = new Promise<void>((resolve) => response.on('close', () => resolve()));
    request.on('end', () => {
      const one = {
        path: request.url ?? '',
        headers: request.headers,
        body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
        dropped,
      };
      received.push(one);
      answer(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { origin, baseURL: `${origin}/v1`, received };
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** A Chat Completion with that content, and whatever else is given. */
export function completion(content: unknown, more: Readonly<Record<string, unknown>> = {}): object {
  const { finish_reason = 'stop', message = {}, ...rest } = more;
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'test-model-2026-01-01',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content, refusal: null, ...(message as object) },
        finish_reason,
      },
    ],
    usage: { prompt_tokens: 12, completion_tokens: 5, total_tokens: 17 },
    ...rest,
  };
}
