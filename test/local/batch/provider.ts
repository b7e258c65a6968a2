import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import {
  Batches,
  type BatchesOptions,
  type BatchMeter,
} from '../../../lib/local/stand-in/batches.ts';
import { scriptedReply } from '../../../lib/local/stand-in/reply.ts';

export interface BatchProvider {
  /** The variables by which a runner finds it. */
  readonly environment: Record<string, string>;
  readonly meter: BatchMeter;
  /** Calls in the lane 'sync'. */
  readonly sync: { calls: number };
  /** Times that it was asked for a batch, or for the list of them. */
  readonly looks: { count: number };
}

/** A provider outside of the runner, which counts what it is asked. It sends no webhooks. */
export async function startProvider({
  refuses = 0,
  until = async () => {},
  ...options
}: BatchesOptions & {
  /** So many calls in the lane 'sync' are refused before one is answered. */
  readonly refuses?: number;
  /** What such a call waits for. */
  readonly until?: (batches: BatchMeter) => Promise<void>;
}): Promise<BatchProvider> {
  const batches = new Batches(options);
  const sync = { calls: 0 };
  const looks = { count: 0 };
  const server = createServer(async (request, response) => {
    if (request.method === 'GET' && request.url?.includes('/batches')) looks.count += 1;
    if (await batches.handleRequest(request, response, String(request.url))) return;
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const { model, messages, response_format } = JSON.parse(text);
    sync.calls += 1;
    await until(batches.meter);
    if (sync.calls <= refuses) {
      response.writeHead(400).end('{}');
      return;
    }
    const { content, usage } = scriptedReply(model, messages, response_format);
    const message = { role: 'assistant', content };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ id: 'c', object: 'chat.completion', model, choices, usage }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    batches.close();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    environment: {
      OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
      OPENAI_API_KEY: 'canary-key',
    },
    meter: batches.meter,
    sync,
    looks,
  };
}
