import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { createFunctionHost } from '../../lib/local/function-host/function-host.ts';
import { LocalRunTable } from '../../lib/local/run-table/local-run-table.ts';
import { runTableName } from '../../lib/local/run-table/name.ts';
import { startStandIn } from '../../lib/local/stand-in/stand-in.ts';
import { request, secret } from '../model/background/background-desk.ts';

/** A server on loopback. */
async function serve(handle: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The three functions as they are deployed; the stand-in's webhooks come by HTTP, signed. */
async function setUp(batchLatency = 100) {
  const told: { operation: string; body: Record<string, string> }[] = [];
  const stepFunctions = await serve(async (asked, answer) => {
    const operation = String(asked.headers['x-amz-target']).split('.')[1] ?? '';
    told.push({ operation, body: JSON.parse(await text(asked)) });
    answer.setHeader('content-type', 'application/x-amz-json-1.0').end('{}');
  });
  const outcomes: string[] = [];
  const receiver = await serve(async (asked, answer) => {
    const { headers } = asked;
    const { statusCode, body } = await invoke('webhook', { headers, body: await text(asked) });
    outcomes.push(JSON.parse(body).outcome);
    answer.writeHead(statusCode).end();
  });
  const webhooks = async () => ({ url: receiver, secret });
  const standIn = await startStandIn({ batchLatency, webhooks });
  const table = await LocalRunTable.start();
  const environment = {
    ...table.environment,
    AWS_ENDPOINT_URL_SFN: stepFunctions,
    CLOUDGATHER_PROVIDER: 'openai',
    CLOUDGATHER_BASE_URL: standIn.backgroundURL,
    CLOUDGATHER_API_KEY: 'canary-key',
    CLOUDGATHER_RUN_TABLE: runTableName,
    CLOUDGATHER_WEBHOOK_SECRET: secret,
  };
  const logs: string[] = [];
  const host = createFunctionHost({
    functions: ['submit', 'webhook', 'sweep'].map((name) => ({
      name,
      entry: `functions/model-${name}.ts`,
      handler: 'handler',
      timeoutSeconds: 60,
      environment,
    })),
    onLog: (log) => logs.push(JSON.stringify(log)),
  });
  onTestFinished(async () => {
    await host.close();
    await table.close();
    await standIn.close();
  });
  const invoke = async (name: string, event: object) =>
    JSON.parse(await host.invoke(name, JSON.stringify(event)));
  const submit = (taskToken: string) =>
    invoke('submit', { taskToken, request: request(), lane: 'batch' });
  return { standIn, told, outcomes, logs, invoke, submit };
}

it('answers by a webhook what the minute gave, and tells no secret', async () => {
  const { standIn, told, outcomes, logs, invoke, submit } = await setUp();
  const submitted = await Promise.all(['canary-a', 'canary-b', 'canary-c'].map(submit));
  expect(submitted[0]).toEqual({ job: expect.any(String), response: null });
  expect(standIn.batches.created).toBe(0);
  const counts = { looked: 0, cancelled: 0, given: 3, ended: 0, open: 0 };
  expect(await invoke('sweep', { detail: {} })).toEqual(counts);
  expect(standIn.batches.created).toBe(1);
  await expect.poll(() => outcomes, { timeout: 5_000 }).toEqual(['ended']);
  const answered = told.filter(({ operation }) => operation === 'SendTaskSuccess');
  expect(answered.map(({ body }) => body.taskToken).sort()).toEqual([
    'canary-a',
    'canary-b',
    'canary-c',
  ]);
  expect(await invoke('sweep', { batches: true })).toEqual({ given: 0, ended: 0, open: 0 });
  expect(standIn.batches.files).toBe(0);
  expect(logs.join()).not.toContain('canary');
});

it('gives and looks at once when the local runner says so', async () => {
  // It is not over before the test is.
  const { invoke, submit } = await setUp(600_000);
  await submit('one');
  expect(await invoke('sweep', { batches: true })).toEqual({ given: 1, ended: 0, open: 1 });
});
