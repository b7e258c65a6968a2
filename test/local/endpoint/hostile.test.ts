import { request } from 'node:http';
import { ListStateMachinesCommand } from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, test } from 'vitest';
import { passing, roleArn, served } from './served.ts';

type Served = Awaited<ReturnType<typeof served>>;

/**
 * A raw POST / with a target. Gives status, error name and message. Whatever is sent is answered within
 * a second: of the processor's time, since the machine may be busy with other tests.
 */
async function post(
  url: string,
  target: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly __type: string; readonly message: string }> {
  const before = process.cpuUsage();
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-amz-json-1.0',
      'X-Amz-Target': target,
      ...headers,
    },
    body,
  });
  const told = (await response.json()) as { __type: string; message: string };
  const { user, system } = process.cpuUsage(before);
  expect(user + system).toBeLessThan(1_000_000);
  return { status: response.status, ...told };
}

const create = (definition: string): string => JSON.stringify({ name: 'm', roleArn, definition });
const CREATE = 'AWSStepFunctions.CreateStateMachine';

let server: Served;

beforeEach(async () => {
  server = await served();
});

async function stillServes(): Promise<void> {
  const { stateMachines } = await server.client.send(new ListStateMachinesCommand({}));
  expect(stateMachines).toEqual([]);
}

describe('hostile requests', () => {
  test('rejects what is not JSON, not an object, or too deep', async () => {
    for (const body of ['{', 'not json', '[]', '"text"', '1', '['.repeat(500_000)]) {
      expect(await post(server.url, CREATE, body)).toMatchObject({
        status: 400,
        __type: 'SerializationException',
      });
    }
    await stillServes();
  });

  test('rejects another target, another path and another method', async () => {
    for (const target of ['', 'AWSStepFunctions.', 'AWSStepFunctions.toString', 'Other.CreateX']) {
      expect(await post(server.url, target, '{}')).toMatchObject({
        status: 404,
        __type: 'UnknownOperationException',
      });
    }
    expect((await fetch(`${server.url}/secrets`)).status).toBe(404);
    await stillServes();
  });

  test('rejects members of another type, and members that are missing', async () => {
    expect(await post(server.url, CREATE, '{"name":{"a":1}}')).toMatchObject({
      status: 400,
      __type: 'SerializationException',
    });
    expect(await post(server.url, CREATE, '{"__proto__":{"name":"x"}}')).toEqual({
      status: 400,
      __type: 'ValidationException',
      message:
        "3 validation errors detected: Value null at 'name' failed to satisfy constraint: Member must not be null; Value null at 'definition' failed to satisfy constraint: Member must not be null; Value null at 'roleArn' failed to satisfy constraint: Member must not be null",
    });
    await stillServes();
  });

  test('rejects a body of 100 MB, told before or found while reading', async () => {
    const told = await new Promise<number | string>((resolve) => {
      const chunk = Buffer.alloc(1_000_000, 0x20);
      const outgoing = request(
        server.url,
        { method: 'POST', headers: { 'X-Amz-Target': CREATE, 'Content-Length': 100_000_000 } },
        (response) => resolve(response.statusCode ?? 0),
      );
      outgoing.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
      for (let i = 0; i < 100; i++) outgoing.write(chunk);
      outgoing.end();
    });
    expect([413, 'EPIPE', 'ECONNRESET']).toContain(told);
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(100_000));
      },
    });
    const endless = await fetch(server.url, {
      method: 'POST',
      headers: { 'X-Amz-Target': CREATE },
      body,
      duplex: 'half',
    } as RequestInit).then(
      async (response) => ((await response.json()) as { __type: string }).__type,
      () => 'the connection was closed',
    );
    expect(['RequestEntityTooLargeException', 'the connection was closed']).toContain(endless);
    await stillServes();
  });

  test('rejects a request just over 1 MiB by name', async () => {
    expect(await post(server.url, CREATE, create(' '.repeat(1_048_577)))).toMatchObject({
      status: 413,
      __type: 'RequestEntityTooLargeException',
    });
    await stillServes();
  });

  test('rejects a definition that nests deep, and one of as many states as a request holds', async () => {
    const deep = `{"StartAt":"A","States":{"A":${'{"A":'.repeat(100_000)}1${'}'.repeat(100_000)}}}`;
    expect(await post(server.url, CREATE, create(deep))).toMatchObject({
      status: 400,
      __type: 'InvalidDefinition',
    });
    const many = Array.from({ length: 60_000 }, (_, i) => `"${i}":{}`).join();
    expect(
      await post(server.url, CREATE, create(`{"StartAt":"0","States":{${many}}}`)),
    ).toMatchObject({ status: 400, __type: 'InvalidDefinition' });
    await stillServes();
  });

  test('an expression that backtracks without end, or calls itself, fails its state by name', async () => {
    for (const Output of [
      "{% $match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', /^(a+)+$/) %}",
      '{% $map([1..1000000], function($v) { $map([1..1000], function($w) { $v * $w }) }) %}',
    ]) {
      const state = { Type: 'Pass', QueryLanguage: 'JSONata', Output, End: true };
      const body = JSON.stringify({ definition: JSON.stringify(state) });
      expect(await post(server.url, 'AWSStepFunctions.TestState', body)).toMatchObject({
        status: 'FAILED',
        error: 'States.QueryEvaluationError',
      });
    }
    await stillServes();
  });

  test('a name such as __proto__ is a name like any other', async () => {
    const body = JSON.stringify({ name: '__proto__', roleArn, definition: passing });
    const response = await post(server.url, CREATE, body);
    expect(response.status).toBe(200);
    const tags = JSON.stringify({
      resourceArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:__proto__',
      tags: [{ key: '__proto__', value: 'x' }],
    });
    expect((await post(server.url, 'AWSStepFunctions.TagResource', tags)).status).toBe(200);
    const { resourceArn } = JSON.parse(tags) as { resourceArn: string };
    const listed = await post(
      server.url,
      'AWSStepFunctions.ListTagsForResource',
      JSON.stringify({ resourceArn }),
    );
    expect(listed).toMatchObject({ tags: [{ key: '__proto__', value: 'x' }] });
  });
});

describe('requests of a browser', () => {
  async function withHeaders(headers: Record<string, string>): Promise<number> {
    const { port } = new URL(server.url);
    return await new Promise((resolve, reject) => {
      const outgoing = request({ port, host: '127.0.0.1', method: 'POST', headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      outgoing.on('error', reject);
      outgoing.end('{}');
    });
  }

  test('rejects another name for this machine (DNS rebinding) and pages of other sites', async () => {
    const target = { 'X-Amz-Target': 'AWSStepFunctions.ListStateMachines' };
    const { host } = new URL(server.url);
    expect(await withHeaders({ ...target, Host: 'evil.example' })).toBe(421);
    expect(await withHeaders({ ...target, Host: host, Origin: 'http://evil.example' })).toBe(403);
    expect(await withHeaders({ ...target, Host: host })).toBe(200);
    expect(await withHeaders({ ...target, Host: 'sync-localhost:8083' })).toBe(200);
    expect(await withHeaders({ ...target, Host: 'sync-127.0.0.1:8083' })).toBe(200);
    expect(await withHeaders({ ...target, Host: 'localhost:8083' })).toBe(200);
    await stillServes();
  });
});
