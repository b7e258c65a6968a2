import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { echo, failure, failureOf } from './failure.ts';
import { providerServer, type Received } from './provider-server.ts';

describe('the network', () => {
  test('fails as Model.Unavailable where nobody listens', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const error = await failure(`http://127.0.0.1:${port}/v1`, {}, {}, 'ollama');
    expect(error).toMatchObject({ name: 'Model.Unavailable', status: null });
    expect(error.message).toBe(
      `ollama:m-1 could not be called: 127.0.0.1:${port} refused the connection. Is Ollama running? Check the base URL.`,
    );
  });

  test('fails as Model.Unavailable where the host does not exist', async () => {
    const error = await failure('http://no-such-host.invalid/v1');
    expect(error.name).toBe('Model.Unavailable');
    expect(error.message).toMatch(/the name no-such-host\.invalid could not be resolved/);
  });

  test('fails as Model.Unavailable where the connection is reset before an answer', async () => {
    const error = await failureOf((_, response) => {
      response.socket?.resetAndDestroy();
    });
    expect(error.name).toBe('Model.Unavailable');
    expect(error.message).toMatch(/the connection failed \(.+\) before the whole reply/);
  });

  test('fails as Model.Unavailable where the connection is reset in the middle of the body', async () => {
    const error = await failureOf((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write(`{"choices":[{"message":{"content":"${echo}`, () =>
        response.socket?.resetAndDestroy(),
      );
    });
    expect(error.name).toBe('Model.Unavailable');
  });

  test('fails as Model.Unavailable where half of the promised body comes', async () => {
    const error = await failureOf((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
      response.write(`{"choices":[{"message":{"content":"${echo}`, () => response.socket?.end());
    });
    expect(error.name).toBe('Model.Unavailable');
  });

  test('fails as Model.Unavailable where the server does not speak HTTP', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end(`${echo}\r\n\r\n`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const error = await failure(`http://127.0.0.1:${port}/v1`);
    server.close();
    expect(error.name).toBe('Model.Unavailable');
  });
});

describe('time', () => {
  const hang = () => {};
  const half = (_: Received, response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"choices":[');
  };

  test.each([
    ['before it answers', hang],
    ['in the middle of its answer', half],
  ])("ends a provider that hangs %s, just before the function's own end", async (_, answer) => {
    const server = await providerServer(answer);
    const started = Date.now();
    const error = await failure(server.baseURL, {}, { deadline: started + 1500 });
    expect(Date.now() - started).toBeLessThan(1500);
    expect(error.name).toBe('Model.Timeout');
    expect(error.message).toMatch(
      /did not finish its answer within 1\.3\d* seconds\. Raise the function's/,
    );
    await server.received[0]?.dropped;
  });

  test("ends a call at the step's own limit where that is shorter", async () => {
    const server = await providerServer(hang);
    const error = await failure(
      server.baseURL,
      { timeoutSeconds: 0.2 },
      { deadline: Date.now() + 60_000 },
    );
    expect(error.name).toBe('Model.Timeout');
    expect(error.message).toMatch(/within 0\.2 seconds\. Raise the step's timeout/);
  });

  test('fails without a request where none is left', async () => {
    const server = await providerServer(hang);
    const error = await failure(server.baseURL, {}, { deadline: Date.now() - 1 });
    expect(error.name).toBe('Model.Timeout');
    expect(error.message).toMatch(/was not called: the function has no time left/);
    expect(server.received).toEqual([]);
  });
});

describe('a caller who stops the call', () => {
  test('ends the HTTP request, and the call fails as Model.Aborted', async () => {
    const stop = new AbortController();
    const server = await providerServer(() => stop.abort(new Error(echo)));
    const error = await failure(server.baseURL, {}, { signal: stop.signal });
    expect(error.name).toBe('Model.Aborted');
    expect(error.message).toBe(
      'The call of openai:m-1 was stopped by its caller before it was answered.',
    );
    await server.received[0]?.dropped;
  });

  test('beforehand sends nothing', async () => {
    const server = await providerServer(() => {});
    const error = await failure(server.baseURL, {}, { signal: AbortSignal.abort() });
    expect(error.name).toBe('Model.Aborted');
    expect(server.received).toEqual([]);
  });
});
