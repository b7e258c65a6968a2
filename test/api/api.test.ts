import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { createApi } from '../../lib/api/api.ts';
import { CloudError } from '../../lib/errors.ts';
import { RunnerInMemory } from './runner-in-memory.ts';

function setUp() {
  const runner = new RunnerInMemory();
  const logged: unknown[] = [];
  return { runner, logged, app: createApi(runner, { log: (error) => logged.push(error) }) };
}

function post(body: unknown, headers: Record<string, string> = {}): RequestInit {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    method: 'POST',
    body: text,
    headers: { 'Content-Type': 'application/json', ...headers },
  };
}

const runs = '/workflows/panel/runs';

describe('the workflows', () => {
  it('are listed with their schema and links', async () => {
    const { app } = setUp();
    const response = await app.request('/workflows');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      workflows: [
        {
          name: 'panel',
          description: 'Asks three.',
          inputSchema: { required: ['question'] },
          links: { self: '/workflows/panel', runs: '/workflows/panel/runs' },
        },
      ],
    });
    expect(await (await app.request('/workflows/panel')).json()).toMatchObject({ name: 'panel' });
  });

  it('are described as OpenAPI, each with the schema of its own input', async () => {
    const { app } = setUp();
    const document = (await (await app.request('/openapi.json')).json()) as Record<string, never>;
    expect(document).toMatchObject({
      openapi: '3.1.0',
      paths: {
        '/workflows/panel/runs': {
          post: {
            requestBody: {
              content: { 'application/json': { schema: { required: ['question'] } } },
            },
            responses: { '202': {}, default: {} },
          },
        },
        '/workflows/panel/runs/{id}/events': { get: {} },
      },
    });
  });
});

describe('starting', () => {
  it('answers 202 with the run, where it is, and where to go on', async () => {
    const { app } = setUp();
    const response = await app.request(runs, post({ question: 'why?' }));
    expect(response.status).toBe(202);
    const run = (await response.json()) as { id: string };
    const self = `${runs}/${run.id}`;
    expect(response.headers.get('Location')).toBe(self);
    expect(run).toMatchObject({
      status: 'RUNNING',
      input: { question: 'why?', times: 1 },
      links: { self, events: `${self}/events`, stop: `${self}/stop` },
    });
    expect(await (await app.request(self)).json()).toEqual(run);
  });

  it('twice with the same key and input is one run, also when it has ended meanwhile', async () => {
    const { app, runner } = setUp();
    const send = (question: string) =>
      app.request(runs, post({ question }, { 'Idempotency-Key': '"order 17/ä"' }));
    const first = (await (await send('why?')).json()) as { id: string };
    expect(first.id).toMatch(/^key-[0-9A-Za-z_-]{43}$/);
    expect(await (await send('why?')).json()).toEqual(first);
    runner.tell(first.id, 'ExecutionSucceeded', { output: '42' });
    const late = await send('why?');
    expect(late.status).toBe(200);
    expect(await late.json()).toMatchObject({ id: first.id, status: 'SUCCEEDED', output: 42 });
    expect(runner.started).toBe(1);
    const other = await send('how?');
    expect(other.status).toBe(409);
    expect(await other.json()).toEqual({
      type: 'urn:cloudgather:RunConflict',
      title: 'The run exists already',
      status: 409,
      detail:
        'The Idempotency-Key was used for another input of workflow "panel". Send the same input, or choose a new key.',
    });
    expect(runner.started).toBe(1);
  });

  it('takes a key that may name a run as the name of the run', async () => {
    const { app } = setUp();
    const response = await app.request(
      runs,
      post({ question: 'x' }, { 'Idempotency-Key': 'order-17' }),
    );
    expect(await response.json()).toMatchObject({ id: 'order-17' });
  });

  it('rejects an input that does not fit: 400, the field by its pointer, nothing started', async () => {
    const { app, runner } = setUp();
    const response = await app.request(runs, post({ question: 7, times: 'x' }));
    expect(response.status).toBe(400);
    expect(response.headers.get('Content-Type')).toBe('application/problem+json');
    expect(await response.json()).toEqual({
      type: 'urn:cloudgather:InputInvalid',
      title: 'The request is not valid',
      status: 400,
      detail: expect.stringMatching(/^The input does not fit, and nothing was started\./),
      errors: [
        { pointer: '/question', detail: 'Received the number 7; allowed is a string.' },
        {
          pointer: '/times',
          detail: 'Received a string of 1 characters; allowed is a whole number.',
        },
      ],
    });
    expect(runner.started).toBe(0);
  });

  it('rejects a body that is not JSON without repeating it', async () => {
    const { app, runner } = setUp();
    const response = await app.request(runs, post('{"question": my secret'));
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(text).toContain('The body of 22 characters is not JSON.');
    expect(text).not.toContain('secret');
    expect(runner.started).toBe(0);
  });

  it('rejects a body of another type: 415; without a body the input is {}', async () => {
    const { app } = setUp();
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    expect((await app.request(runs, post('question=x', form))).status).toBe(415);
    expect((await app.request(runs, { method: 'POST', body: '{}' })).status).toBe(415);
    const empty = await app.request(runs, { method: 'POST' });
    expect(await empty.json()).toMatchObject({ status: 400, errors: [{ pointer: '/question' }] });
  });

  it('rejects a body over 256 KiB: 413, whether or not its length is declared', async () => {
    const { app, runner } = setUp();
    const body = JSON.stringify({ question: 'x'.repeat(262_144) });
    expect((await app.request(runs, post(body))).status).toBe(413);
    const declared = post(body, { 'Content-Length': String(body.length) });
    expect((await app.request(runs, declared)).status).toBe(413);
    expect(runner.started).toBe(0);
  });

  it('rejects an Idempotency-Key that is empty or too long', async () => {
    const { app } = setUp();
    for (const key of ['""', 'x'.repeat(256)]) {
      const response = await app.request(runs, post({ question: 'x' }, { 'Idempotency-Key': key }));
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ type: 'urn:cloudgather:UsageError' });
    }
  });
});

describe('runs', () => {
  it('are listed newest first, as many as asked for', async () => {
    const { app } = setUp();
    for (const key of ['a', 'b', 'c']) {
      await app.request(runs, post({ question: 'x' }, { 'Idempotency-Key': key }));
    }
    const listed = (await (await app.request(`${runs}?limit=2`)).json()) as {
      runs: { id: string }[];
    };
    expect(listed.runs.map(({ id }) => id)).toEqual(['c', 'b']);
    expect(listed.runs[0]).toMatchObject({ links: { self: `${runs}/c` } });
    for (const limit of ['0', '1001', '-1', 'x', '1.5']) {
      expect((await app.request(`${runs}?limit=${limit}`)).status).toBe(400);
    }
  });

  it('are stopped', async () => {
    const { app } = setUp();
    await app.request(runs, post({ question: 'x' }, { 'Idempotency-Key': 'a' }));
    const stopped = await app.request(`${runs}/a/stop`, { method: 'POST' });
    expect(stopped.status).toBe(200);
    const run = await stopped.json();
    expect(run).toMatchObject({ status: 'ABORTED', cause: 'Stopped through the API.' });
    expect(run).not.toHaveProperty('links.stop');
  });

  it('are redriven once they have failed, and not before', async () => {
    const { app } = setUp();
    await app.request(runs, post({ question: 'x' }, { 'Idempotency-Key': 'a' }));
    const redrive = () => app.request(`${runs}/a/redrive`, { method: 'POST' });
    expect((await redrive()).status).toBe(409);
    const stopped = await (await app.request(`${runs}/a/stop`, { method: 'POST' })).json();
    expect(stopped).toMatchObject({ links: { redrive: `${runs}/a/redrive` } });
    const redriven = await redrive();
    expect(redriven.status).toBe(202);
    expect(redriven.headers.get('Location')).toBe(`${runs}/a`);
    expect(await redriven.json()).toMatchObject({ id: 'a', status: 'RUNNING' });
  });
});

describe('an error', () => {
  it('is a problem: 404 for what is not there, 405 for a method that does nothing', async () => {
    const { app } = setUp();
    for (const path of ['/workflows/nobody', `${runs}/nothing`, '/workflows/nobody/runs', '/x']) {
      const response = await app.request(path);
      expect(response.status, path).toBe(404);
      expect(response.headers.get('Content-Type')).toBe('application/problem+json');
    }
    const wrong = await app.request(`${runs}/a/stop`);
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get('Allow')).toBe('POST');
    expect((await wrong.json()) as object).toMatchObject({
      type: 'urn:cloudgather:MethodNotAllowed',
    });
  });

  it('of the server is a 500 that tells nothing of its inside, which the log gets', async () => {
    const { app, runner, logged } = setUp();
    const bug = new TypeError("Cannot read properties of undefined (reading 'secret')");
    runner.workflows = () => Promise.reject(bug);
    const response = await app.request('/workflows');
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({
      type: 'urn:cloudgather:InternalError',
      title: 'The server failed',
      status: 500,
      detail: 'The server failed. Its log says why.',
    });
    expect(logged).toEqual([bug]);
  });

  it('of AWS names no account: 503 where it is worth trying again, else 502', async () => {
    const { app, runner, logged } = setUp();
    runner.list = () => Promise.reject(new CloudError('Cloud.Throttled', 'arn:aws:states:...'));
    const throttled = await app.request(runs);
    expect([throttled.status, throttled.headers.get('Retry-After')]).toEqual([503, '5']);
    runner.list = () => Promise.reject(new CloudError('Cloud.AccessDenied', 'arn:aws:states:...'));
    const denied = await app.request(runs);
    expect(denied.status).toBe(502);
    expect(await denied.text()).not.toContain('arn:');
    expect(logged).toHaveLength(2);
  });
});

describe('headers', () => {
  it('are safe, forbid caching and allow no other site', async () => {
    const { app } = setUp();
    const { headers } = await app.request('/workflows', {
      headers: { Origin: 'http://evil.example' },
    });
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(headers.get('X-Frame-Options')).toBe('SAMEORIGIN');
    expect(headers.get('Cache-Control')).toBe('no-store');
    expect(headers.get('Access-Control-Allow-Origin')).toBeNull();
  });

  it('of another host or another site are refused when local', async () => {
    const app = createApi(new RunnerInMemory(), { local: true });
    const ask = async (headers: Record<string, string>) =>
      (await app.request('http://127.0.0.1:8000/workflows', { headers })).status;
    expect(await ask({ Host: '127.0.0.1:8000' })).toBe(200);
    expect(await ask({ Host: 'localhost' })).toBe(200);
    expect(await ask({ Host: '[::1]:8000' })).toBe(200);
    expect(await ask({ Host: 'evil.example:8000' })).toBe(421);
    expect(await ask({ Host: '127.0.0.1.evil.example' })).toBe(421);
    expect(await ask({ Host: '127.0.0.1:8000', Origin: 'http://127.0.0.1:8000' })).toBe(200);
    expect(await ask({ Host: '127.0.0.1:8000', Origin: 'http://evil.example' })).toBe(403);
    expect(await ask({ Host: '127.0.0.1:8000', Origin: 'null' })).toBe(403);
  });

  it('keep a page that is mounted beside the API under the same guard', async () => {
    const app = createApi(new RunnerInMemory(), { local: true });
    app.route(
      '/',
      new Hono().get('/page', (c) => c.html('<p>page</p>')),
    );
    const page = await app.request('http://127.0.0.1/page', { headers: { Host: '127.0.0.1' } });
    expect(await page.text()).toBe('<p>page</p>');
    expect(
      (await app.request('http://127.0.0.1/page', { headers: { Host: 'x.example' } })).status,
    ).toBe(421);
  });
});
