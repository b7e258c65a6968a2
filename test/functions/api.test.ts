import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { payloadOf, tagOf, writeReference } from '../../lib/payload/reference.ts';
import { fullShare } from '../../lib/payload/share.ts';
import { manifest } from '../cloud/manifest.ts';
import { bucketName, credentials, startPayloadBucket } from '../cloud/payload-bucket.ts';
import {
  type StepFunctionsEndpoint,
  startStepFunctionsEndpoint,
} from '../cloud/step-functions-endpoint.ts';

let folder: string;
let endpoint: StepFunctionsEndpoint;
let bucket: Awaited<ReturnType<typeof startPayloadBucket>>;
let invoke: (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

beforeAll(async () => {
  endpoint = await startStepFunctionsEndpoint();
  bucket = await startPayloadBucket();
  folder = await mkdtemp(path.join(tmpdir(), 'cloudgather-'));
  const arns = manifest.workflows.map(({ name, stateMachineArn }) => [name, stateMachineArn]);
  const synthesized = manifest.workflows.map(({ stateMachineArn: _, ...rest }) => rest);
  await writeFile(
    path.join(folder, 'manifest.json'),
    JSON.stringify({ ...manifest, workflows: synthesized }),
  );
  vi.stubEnv('LAMBDA_TASK_ROOT', folder);
  vi.stubEnv('CLOUDGATHER_STATE_MACHINES', JSON.stringify(Object.fromEntries(arns)));
  vi.stubEnv('AWS_ENDPOINT_URL_SFN', endpoint.url);
  vi.stubEnv('CLOUDGATHER_PAYLOADS', `s3://${bucketName}`);
  vi.stubEnv('AWS_ENDPOINT_URL_S3', bucket.endpoint);
  vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
  const { handler } = await import('../../functions/api.ts');
  invoke = async (event) =>
    (await handler(event as never)) as unknown as APIGatewayProxyStructuredResultV2;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await endpoint.close();
  await bucket.close();
  await rm(folder, { recursive: true });
});

/** The event of AWS's documentation ("Working with AWS Lambda proxy integrations", version 2.0). */
function request(method: string, rawPath: string, body?: string): APIGatewayProxyEventV2 {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: '',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': 'order 17',
      host: 'r3pmxmplak.execute-api.eu-central-1.amazonaws.com',
      'x-forwarded-proto': 'https',
    },
    requestContext: {
      accountId: '123456789012',
      apiId: 'r3pmxmplak',
      domainName: 'r3pmxmplak.execute-api.eu-central-1.amazonaws.com',
      domainPrefix: 'r3pmxmplak',
      http: {
        method,
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: '192.0.2.1',
        userAgent: 'curl',
      },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: '$default',
      stage: '$default',
      time: '10/Mar/2026:05:16:23 +0000',
      timeEpoch: 1_773_119_783_000,
    },
    ...(body !== undefined && { body: Buffer.from(body).toString('base64') }),
    isBase64Encoded: body !== undefined,
  };
}

const json = (result: APIGatewayProxyStructuredResultV2) => JSON.parse(result.body ?? '');

describe('the function behind the HTTP API', () => {
  it('lists the workflows of the manifest', async () => {
    const result = await invoke(request('GET', '/workflows'));
    expect(result.statusCode).toBe(200);
    expect(json(result).workflows).toHaveLength(manifest.workflows.length);
  });

  it('starts a run on its state machine, once for a key, and follows it to the result', async () => {
    const start = request('POST', '/workflows/echo/runs', '{"text":"grüße"}');
    const started = await invoke(start);
    expect(started.statusCode).toBe(202);
    const path = String(started.headers?.location);
    expect(path).toMatch(/^\/workflows\/echo\/runs\/key-/);
    const followed = await invoke(request('GET', `${path}/events`));
    expect(followed.headers?.['content-type']).toMatch(/^text\/event-stream/);
    // API Gateway decodes what is marked as base64.
    expect(followed.isBase64Encoded).toBe(true);
    expect(Buffer.from(followed.body ?? '', 'base64').toString()).toContain(
      '"type":"ExecutionSucceeded"',
    );
    expect(followed.headers).not.toHaveProperty('transfer-encoding');
    expect(json(await invoke(request('GET', path)))).toMatchObject({
      status: 'SUCCEEDED',
      output: { text: 'grüße', times: 1 },
    });
    const again = await invoke(start);
    expect([again.statusCode, json(again).id]).toEqual([200, json(started).id]);
    expect(endpoint.calls.filter((call) => call === 'StartExecution')).toHaveLength(2);
  });

  it('rejects an input that does not fit before AWS is asked', async () => {
    const before = endpoint.calls.length;
    const result = await invoke(request('POST', '/workflows/echo/runs', '{"text":7}'));
    expect(result.statusCode).toBe(400);
    expect(result.headers?.['content-type']).toBe('application/problem+json');
    expect(json(result).errors).toMatchObject([{ pointer: '/text' }]);
    expect(endpoint.calls).toHaveLength(before);
  });

  it('answers a problem where there is nothing', async () => {
    expect((await invoke(request('GET', '/workflows/nobody'))).statusCode).toBe(404);
    expect((await invoke(request('GET', '/favicon.ico'))).statusCode).toBe(404);
  });

  it('answers a run whole from the bucket, as long as Lambda can send it', async () => {
    const whole = 'é'.repeat(2_000_000);
    const { result, told } = await ranWith('whole', whole);
    expect(told).toMatchObject({ status: 'SUCCEEDED', output: { text: whole } });
    expect(told).not.toHaveProperty('outputIsWhole');
    expect(sizeOf(result)).toBeLessThan(mostOfLambda);
  });

  it.each([
    ['letters', 'x'.repeat(6_500_000)],
    // Fewer than Lambda's limit in the run's JSON, and more in Lambda's.
    ['quotes', '"'.repeat(1_600_000)],
  ])('answers references where a run is more than that: %s', async (id, text) => {
    const { result, told } = await ranWith(id, text);
    expect(told).toMatchObject({
      status: 'SUCCEEDED',
      output: { text: expect.stringMatching(/^\[\[payload text \d+ /) },
      outputIsWhole: false,
    });
    expect(sizeOf(result)).toBeLessThan(10_000);
  });
});

/** AWS docs: "Lambda quotas", the response of a synchronous invocation. */
const mostOfLambda = 6 * 1024 * 1024;

function sizeOf(result: APIGatewayProxyStructuredResultV2): number {
  return Buffer.byteLength(JSON.stringify(result));
}

/** A run of that id, whose output a step has put aside, as the function answers it. */
async function ranWith(id: string, text: string) {
  const payload = payloadOf(text, tagOf(id));
  await bucket.store.put(id, payload.reference.sha256, payload.content);
  const body = JSON.stringify({ text: writeReference(payload, fullShare) });
  const start = request('POST', '/workflows/echo/runs', body);
  await invoke({ ...start, headers: { ...start.headers, 'idempotency-key': id } });
  await invoke(request('GET', `/workflows/echo/runs/${id}/events`));
  const result = await invoke(request('GET', `/workflows/echo/runs/${id}`));
  return { result, told: json(result) };
}
