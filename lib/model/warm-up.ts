import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { callModel } from './call.ts';
import { providerNamed } from './providers.ts';

const reply = JSON.stringify({
  id: 'warm-up',
  object: 'chat.completion',
  created: 0,
  model: 'none',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'warm' } }],
  usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
});

/**
 * Makes one call to a server of its own on loopback, so that the first real call finds the client and
 * Node's HTTP code compiled: that costs 30 to 50 ms of CPU, which a function that is starting has and
 * a gather of several functions at once would wait for (bench/panel.ts). Nothing leaves the machine;
 * a failure changes nothing but that.
 */
export async function warmUp(): Promise<void> {
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/json').end(reply);
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const provider = providerNamed('warm-up', baseURL);
    const request = { model: 'none', prompt: 'warm', timeoutSeconds: 1 };
    await callModel(request, { provider, baseURL, apiKey: null });
  } catch {
    // The first real call compiles what it needs, as it would have without this one.
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
