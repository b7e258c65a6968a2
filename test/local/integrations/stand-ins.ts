import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serve } from '@hono/node-server';
import dynalite from 'dynalite';
import { Hono } from 'hono';
import S3rver from 's3rver';
import { onTestFinished } from 'vitest';
import type { JsonObject } from '../../../lib/json.ts';

/** Closes a server when the test has ended; gives its URL. */
function urlOf(server: Server): string {
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections?.();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** DynamoDB's protocol, by dynalite, in memory. */
export async function dynamodbStandIn(): Promise<string> {
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return urlOf(server);
}

/** S3's protocol, by s3rver, in a folder that goes away. */
export async function s3StandIn(...buckets: readonly string[]): Promise<string> {
  const directory = mkdtempSync(path.join(tmpdir(), 'cloudgather-s3-'));
  const server = new S3rver({
    port: 0,
    address: '127.0.0.1',
    silent: true,
    directory,
    configureBuckets: buckets.map((name) => ({ name })),
  });
  const { port } = await server.run();
  onTestFinished(async () => {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return `http://127.0.0.1:${port}`;
}

/** A served app; gives its URL. */
export async function serveApp(app: Hono): Promise<string> {
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const it = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(it));
  });
  return urlOf(server as Server);
}

/** What a stub of an AWS service is asked, and what it answers: output, or an error with a code. */
export type AwsStub = (action: string, input: JsonObject) => JsonObject;

/** A stub that speaks AWS JSON: SQS, EventBridge, Secrets Manager. */
export async function jsonStub(answer: AwsStub): Promise<string> {
  const app = new Hono();
  app.post('/', async (c) => {
    const action = (c.req.header('X-Amz-Target') ?? '').split('.').at(-1) ?? '';
    const output = answer(action, await c.req.json<JsonObject>());
    c.header('Content-Type', 'application/x-amz-json-1.1');
    c.header('x-amzn-RequestId', 'request-1');
    if (!('__code' in output)) return c.body(JSON.stringify(output));
    const { __code, message } = output;
    return c.body(JSON.stringify({ __type: `com.amazonaws#${__code}`, message }), 400);
  });
  return await serveApp(app);
}

/** A stub that speaks AWS Query: SNS. */
export async function queryStub(
  answer: (
    action: string,
    input: URLSearchParams,
  ) => { readonly xml: string; readonly status?: 400 },
): Promise<string> {
  const app = new Hono();
  app.post('/', async (c) => {
    const input = new URLSearchParams(await c.req.text());
    const { xml, status = 200 } = answer(input.get('Action') ?? '', input);
    c.header('Content-Type', 'text/xml');
    return c.body(xml, status);
  });
  return await serveApp(app);
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
