import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { createEngine } from '../../../lib/engine/engine.ts';
import { loadMachine } from '../../../lib/engine/machine.ts';
import type { TaskPort } from '../../../lib/engine/task/task-port.ts';
import type { JsonObject } from '../../../lib/json.ts';
import { environmentConnections } from '../../../lib/local/integrations/connections.ts';
import { formEncoded } from '../../../lib/local/integrations/form-encoding.ts';
import { httpInvoke } from '../../../lib/local/integrations/http-invoke.ts';
import type { ServiceCall } from '../../../lib/local/integrations/integration.ts';
import { outcomeOf, runTask } from './run-task.ts';
import { serveApp } from './stand-ins.ts';

const ConnectionArn = 'arn:aws:events:eu-west-1:123456789012:connection/my-api/0a1b';
const environment = { CLOUDGATHER_CONNECTION_MY_API: 'Authorization: Bearer canary-key' };
const Authentication = { ConnectionArn };

async function echoing(): Promise<string> {
  const app = new Hono();
  app.all('/echo', async (c) =>
    c.json({
      method: c.req.method,
      query: new URL(c.req.url).search,
      authorization: c.req.header('Authorization'),
      type: c.req.header('Content-Type'),
      extra: c.req.header('X-Extra'),
      body: await c.req.text(),
    }),
  );
  app.get('/text', (c) => c.text('plain'));
  app.get('/status/:code', (c) => c.json({ why: 'so' }, Number(c.req.param('code')) as 404));
  app.get('/moved', (c) => c.redirect('/echo'));
  app.get('/large', (c) => c.text('x'.repeat(300_000)));
  app.get('/never', () => new Promise<Response>(() => {}));
  return await serveApp(app);
}

describe('http:invoke', () => {
  test('sends a request with its headers, query, body and the authorization of its connection', async () => {
    const url = await echoing();
    const result = (await runTask(
      'http:invoke',
      {
        ApiEndpoint: `${url}/echo?a=1`,
        Method: 'POST',
        Authentication,
        Headers: { 'X-Extra': 'yes' },
        QueryParameters: { b: 'two words' },
        RequestBody: { n: 1 },
      },
      { environment },
    )) as JsonObject;
    expect(result).toMatchObject({
      StatusCode: 200,
      StatusText: 'OK',
      Headers: { 'content-type': ['application/json'] },
      ResponseBody: {
        method: 'POST',
        query: '?a=1&b=two+words',
        authorization: 'Bearer canary-key',
        type: 'application/json',
        extra: 'yes',
        body: '{"n":1}',
      },
    });
  });

  test('an answer that is not JSON is text', async () => {
    const ApiEndpoint = `${await echoing()}/text`;
    const call = { ApiEndpoint, Method: 'GET', Authentication };
    expect(await runTask('http:invoke', call, { environment })).toMatchObject({
      ResponseBody: 'plain',
    });
  });

  test('fails by the status, a redirect included', async () => {
    const url = await echoing();
    const get = (path: string) =>
      outcomeOf(
        'http:invoke',
        { ApiEndpoint: `${url}${path}`, Method: 'GET', Authentication },
        { environment },
      );
    const missing = await get('/status/404');
    // The status text, and no more: what two reports of runs in AWS say.
    expect(missing).toMatchObject({ error: 'States.Http.StatusCode.404', cause: 'Not Found' });
    expect(await get('/status/429')).toMatchObject({ error: 'States.Http.StatusCode.429' });
    expect(await get('/status/503')).toMatchObject({ error: 'States.Http.StatusCode.503' });
    expect(await get('/moved')).toMatchObject({ error: 'States.Http.StatusCode.302' });
    expect(await get('/large')).toMatchObject({ error: 'States.DataLimitExceeded' });
  });

  test('fails as States.Http.Socket where nothing answers, without the key in its cause', async () => {
    const call = { ApiEndpoint: 'http://127.0.0.1:9/', Method: 'GET', Authentication };
    const outcome = await outcomeOf('http:invoke', call, { environment });
    expect(outcome).toMatchObject({ error: 'States.Http.Socket' });
    expect(JSON.stringify(outcome)).not.toContain('canary-key');
  });

  test('fails as States.Http.Socket when the answer takes longer than its limit', async () => {
    const integration = httpInvoke(environmentConnections(environment), { limit: 50 });
    const tasks: TaskPort = {
      refuse: () => undefined,
      run: (call) => integration.run(call as ServiceCall),
    };
    const state = {
      Type: 'Task',
      Resource: 'arn:aws:states:::http:invoke',
      Parameters: { ApiEndpoint: `${await echoing()}/never`, Method: 'GET', Authentication },
      End: true,
    };
    const machine = loadMachine({ StartAt: 'Call', States: { Call: state } });
    const outcome = await createEngine({ tasks }).start(machine).done;
    expect(outcome).toMatchObject({
      error: 'States.Http.Socket',
      cause: 'The HTTP endpoint did not answer within 0.05 seconds.',
    });
  });

  test('rejects a connection that is not configured, and a call without one', async () => {
    const call = { ApiEndpoint: 'http://127.0.0.1:9/', Method: 'GET' };
    expect(
      await outcomeOf('http:invoke', { ...call, Authentication }, { environment: {} }),
    ).toMatchObject({ error: 'Events.ConnectionResource.NotFound' });
    expect(await outcomeOf('http:invoke', call, { environment })).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining('Authentication.ConnectionArn is required'),
    });
  });
});

test('a body is form-encoded in each of the array formats', () => {
  const value = { a: [1, 2], b: { c: 'd e' }, n: null };
  const decoded = (format: string): string => decodeURIComponent(formEncoded(value, format));
  expect(decoded('INDICES')).toBe('a[0]=1&a[1]=2&b[c]=d e');
  expect(decoded('BRACKETS')).toBe('a[]=1&a[]=2&b[c]=d e');
  expect(decoded('REPEAT')).toBe('a=1&a=2&b[c]=d e');
  expect(decoded('COMMAS')).toBe('a=1,2&b[c]=d e');
});
