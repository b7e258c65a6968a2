import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { createFunctionHost } from '../../lib/local/function-host/function-host.ts';
import { LocalRunTable } from '../../lib/local/run-table/local-run-table.ts';
import { runTableName } from '../../lib/local/run-table/name.ts';
import type { Webhook } from '../../lib/local/stand-in/background.ts';
import { startProvider } from '../local/background/provider.ts';
import { over, request, secret } from '../model/background/background-desk.ts';

/** Step Functions, as far as the functions ask it; keeps what it was told. */
async function startStepFunctions() {
  const told: { operation: string; body: Record<string, string> }[] = [];
  const server = createServer(async (asked, answer) => {
    const operation = String(asked.headers['x-amz-target']).split('.')[1] ?? '';
    told.push({ operation, body: JSON.parse(await text(asked)) });
    answer.setHeader('content-type', 'application/x-amz-json-1.0').end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { told, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** The three functions as they are deployed, over a provider, a table and Step Functions on loopback. */
async function setUp(latency: number) {
  const provider = await startProvider({ latency: () => latency });
  const table = await LocalRunTable.start();
  const stepFunctions = await startStepFunctions();
  const { OPENAI_BASE_URL = '', OPENAI_API_KEY = '' } = provider.environment;
  const environment = {
    ...table.environment,
    AWS_ENDPOINT_URL_SFN: stepFunctions.url,
    CLOUDGATHER_PROVIDER: 'openai',
    CLOUDGATHER_BASE_URL: OPENAI_BASE_URL,
    CLOUDGATHER_API_KEY: OPENAI_API_KEY,
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
  });
  const invoke = async (name: string, event: object) =>
    JSON.parse(await host.invoke(name, JSON.stringify(event)));
  const webhook = ({ headers, body }: Webhook) =>
    invoke('webhook', { headers, body: btoa(body), isBase64Encoded: true });
  const submit = (taskToken: string) => invoke('submit', { taskToken, request: request() });
  return { provider, told: stepFunctions.told, host, logs, invoke, webhook, submit };
}

it('holds no compute while the model thinks', async () => {
  const { provider, host, submit } = await setUp(60_000);
  await submit('canary-token');
  const { invocations, inFlight, billedMs } = host.metrics().submit!;
  expect({ invocations, inFlight }).toEqual({ invocations: 1, inFlight: 0 });
  expect(billedMs).toBeLessThan(5_000);
  expect(host.metrics().webhook?.invocations).toBe(0);
  expect(provider.meter).toMatchObject({ submitted: 1, completed: 0 });
});

it('answers a state by a webhook, once, and refuses a forged one; tells no secret', async () => {
  const { provider, told, logs, webhook, submit } = await setUp(0);
  const { response } = await submit('canary-token');
  await expect.poll(() => provider.meter.completed).toBe(1);
  const genuine = over(response);
  const forged = { ...genuine, headers: { ...genuine.headers, 'webhook-signature': 'v1,AAAA' } };
  expect(await webhook(forged)).toMatchObject({ statusCode: 401, body: '{"outcome":"forged"}' });
  expect(told).toEqual([]);
  expect(await webhook(genuine)).toMatchObject({ statusCode: 200, body: '{"outcome":"answered"}' });
  expect(await webhook(genuine)).toMatchObject({ statusCode: 200, body: '{"outcome":"unknown"}' });
  expect(told).toMatchObject([
    { operation: 'SendTaskSuccess', body: { taskToken: 'canary-token' } },
  ]);
  expect(logs.join()).not.toContain('canary');
});

it('looks after what a run has left, by the run or by time', async () => {
  const { told, invoke, submit, provider } = await setUp(0);
  const ended = { detail: { name: 'run-1', status: 'ABORTED' } };
  await invoke('submit', { taskToken: 'one', request: request({ turn: { run: 'run-1' } }) });
  await submit('other');
  await expect.poll(() => provider.meter.completed).toBe(2);
  // Here the states still wait: so the calls are answered and not cancelled.
  expect(await invoke('sweep', ended)).toEqual({ looked: 1, cancelled: 0 });
  expect(told.at(-1)).toMatchObject({ operation: 'SendTaskSuccess', body: { taskToken: 'one' } });
  // Nothing is due before two minutes are over.
  expect(await invoke('sweep', { detail: {} })).toEqual({
    ...{ looked: 0, cancelled: 0 },
    ...{ given: 0, ended: 0, open: 0 },
  });
});
