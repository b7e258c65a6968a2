import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';

/**
 * Makes one call to a server of its own on loopback, so that the first real call finds the client and
 * Node's HTTP code compiled: that costs 30 to 50 ms of CPU, which a function that is starting has and
 * a gather of several functions at once would wait for (bench/panel.ts). Nothing leaves the machine;
 * a failure changes nothing but that.
 */
export async function warmUp(): Promise<void> {
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/json').end('{}');
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    const client = new OpenAI({
      apiKey: 'none',
      baseURL: `http://127.0.0.1:${port}`,
      maxRetries: 0,
      timeout: 1000,
      logLevel: 'off',
    });
    await client.chat.completions.create({ model: 'none', messages: [] }).withResponse();
  } catch {
    // The first real call compiles what it needs, as it would have without this one.
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
