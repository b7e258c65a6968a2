import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type CallOptions, callModel } from '../../lib/model/call.ts';
import type { ModelError } from '../../lib/model/errors.ts';
import { providerNamed } from '../../lib/model/providers.ts';
import type { ModelRequest } from '../../lib/model/request.ts';
import { completion, providerServer, type Received, sendJson } from './provider-server.ts';

/** Words that must never come back in an error. Each fault echoes all of them wherever it can. */
const prompt = 'CANARY-PROMPT the secret plan of the house';
const key = 'sk-CANARY-KEY-0123456789';
const echo = `Incorrect key ${key} for prompt: ${prompt}`;

const echoed = (more: object = {}) => ({
  error: { message: echo, type: echo, param: echo, code: echo, ...more },
});

/** The error of a call; fails the test where the call succeeds. */
async function failure(
  baseURL: string,
  request: Partial<ModelRequest> = {},
  options: CallOptions = {},
  name = 'openai',
): Promise<ModelError> {
  const connection = { provider: providerNamed(name, baseURL), baseURL, apiKey: key };
  const call = callModel(
    { model: 'm-1', instructions: `Obey ${prompt}`, prompt, repairs: 0, ...request },
    connection,
    options,
  );
  const error = (await call.then(
    (result) => expect.unreachable(`The call gave ${JSON.stringify(result)}`),
    (thrown: unknown) => thrown,
  )) as ModelError;
  expectInert(error);
  return error;
}

/** Nothing of prompt or key is in the error, whatever way it is written out; and it is a sentence. */
function expectInert(error: ModelError): void {
  const written = [
    error.message,
    error.stack,
    JSON.stringify(error),
    JSON.stringify(Object.entries(error)),
    String(error.cause),
  ].join('\n');
  expect(written).not.toMatch(/CANARY|secret plan|Incorrect key/);
  expect(error.cause).toBeUndefined();
  expect(error.message).toContain(`${error.provider}:m-1`);
  expect(error.message).toMatch(/[.]$/);
}

async function failureOf(
  answer: (request: Received, response: ServerResponse) => void,
  request: Partial<ModelRequest> = {},
  name = 'openai',
): Promise<ModelError> {
  const server = await providerServer(answer);
  const error = await failure(server.baseURL, request, {}, name);
  expect(server.received).toHaveLength(1); // never retried here: the state machine does that
  return error;
}

const answering =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (_: Received, response: ServerResponse) =>
    sendJson(response, status, body, { 'x-request-id': key, ...headers });

describe('a status', () => {
  test.each([
    [
      400,
      'Model.Rejected',
      /answered with status 400: the request was refused\. Check the model's options/,
    ],
    [
      401,
      'Model.Unauthorized',
      /answered with status 401: the key was refused .* Check OPENAI_API_KEY/,
    ],
    [402, 'Model.QuotaExhausted', /no money or no quota left/],
    [403, 'Model.Unauthorized', /may not use this model/],
    [404, 'Model.Rejected', /status 404: there is no model "m-1" at 127\.0\.0\.1:\d+/],
    [408, 'Model.Timeout', /its server took too long/],
    [409, 'Model.Unavailable', /server failed\. Retry/],
    [413, 'Model.Rejected', /the request is too large for this model/],
    [422, 'Model.Rejected', /the request was refused/],
    [429, 'Model.RateLimited', /too many requests or tokens/],
    [498, 'Model.Overloaded', /no capacity now/],
    [500, 'Model.Unavailable', /see OpenAI's status page/],
    [502, 'Model.Unavailable', /server failed/],
    [503, 'Model.Overloaded', /no capacity now/],
    [504, 'Model.Timeout', /its server took too long/],
    [529, 'Model.Overloaded', /no capacity now/],
    [599, 'Model.Unavailable', /server failed/],
  ])('%i fails as %s', async (status, name, message) => {
    const error = await failureOf(answering(status, echoed()));
    expect(error).toMatchObject({ name, status, provider: 'openai', model: 'm-1' });
    expect(error.message).toMatch(message);
  });

  test.each([
    ['html', 'text/html', `<html>${echo}</html>`],
    ['nothing', 'application/json', ''],
    ['half a JSON', 'application/json', `{"error":{"message":"${echo}`],
  ])('500 with %s in the body fails as Model.Unavailable', async (_, type, body) => {
    const error = await failureOf((__, response) => {
      response.writeHead(500, { 'content-type': type }).end(body);
    });
    expect(error).toMatchObject({ name: 'Model.Unavailable', status: 500 });
  });

  test('307 fails and is not followed, so that key and prompt stay where they were sent', async () => {
    const elsewhere = await providerServer((_, response) =>
      sendJson(response, 200, completion('x')),
    );
    const error = await failureOf((_, response) => {
      response.writeHead(307, { location: `${elsewhere.baseURL}/chat/completions` }).end();
    });
    expect(error).toMatchObject({ name: 'Model.Rejected', status: 307 });
    expect(error.message).toMatch(/a redirect, which is not followed/);
    expect(elsewhere.received).toEqual([]);
  });
});

describe('too many requests', () => {
  test('carry the seconds to wait, also above a minute', async () => {
    const error = await failureOf(answering(429, echoed(), { 'retry-after': '90' }));
    expect(error).toMatchObject({ name: 'Model.RateLimited', retryAfter: 90 });
    expect(error.message).toMatch(/Retry after 90 seconds\.$/);
  });

  test('carry no seconds where the provider does not say', async () => {
    expect((await failureOf(answering(429, echoed()))).retryAfter).toBeNull();
  });

  test.each([
    ['openai', { code: 'insufficient_quota', type: 'insufficient_quota' }],
    ['openai', { code: 'billing_hard_limit_reached' }],
    ['google', { code: 429, details: [{ violations: [{ quotaId: 'RequestsPerDayPerProject' }] }] }],
  ])('fail as Model.QuotaExhausted where %s means the account: %j', async (name, more) => {
    const error = await failureOf(answering(429, echoed(more)), {}, name);
    expect(error.name).toBe('Model.QuotaExhausted');
    expect(error.message).toMatch(/Check plan and billing/);
  });

  test("are a limit per minute where Google says 'quota', in its list and with its delay", async () => {
    const body = [
      {
        error: {
          code: 429,
          status: 'RESOURCE_EXHAUSTED',
          message: `You exceeded your current quota. ${echo}`,
          details: [{ violations: [{ quotaId: 'RequestsPerMinute' }] }, { retryDelay: '34s' }],
        },
      },
    ];
    const error = await failureOf(answering(429, body), {}, 'google');
    expect(error).toMatchObject({ name: 'Model.RateLimited', retryAfter: 34 });
  });
});

describe("a provider's own code", () => {
  test.each([
    [
      'openrouter',
      403,
      { error: { code: 403, message: echo, metadata: { reasons: ['x'] } } },
      'Model.Refused',
    ],
    [
      'openai',
      400,
      { error: { message: `${echo}: Your credit balance is too low, content_filter, moderation` } },
      'Model.Rejected',
    ],

    [
      'google',
      400,
      [{ error: { code: 400, message: echo, details: [{ reason: 'API_KEY_INVALID' }] } }],
      'Model.Unauthorized',
    ],
    [
      'anthropic',
      400,
      echoed({ message: `Your credit balance is too low. ${echo}` }),
      'Model.QuotaExhausted',
    ],
    ['azure', 400, echoed({ code: 'content_filter' }), 'Model.Refused'],
    ['openai', 400, echoed({ code: 'content_policy_violation' }), 'Model.Refused'],
    ['groq', 400, echoed({ code: 'json_validate_failed' }), 'Model.OutputInvalid'],
    [
      'anthropic',
      529,
      { type: 'error', error: { type: 'overloaded_error', message: echo } },
      'Model.Overloaded',
    ],
  ])('of %s with status %i fails by what it means', async (name, status, body, expected) => {
    expect((await failureOf(answering(status, body), {}, name)).name).toBe(expected);
  });

  test('names the field that was refused, if it is one that was sent', async () => {
    const error = await failureOf(answering(400, echoed({ param: 'temperature' })), {
      temperature: 1,
    });
    expect(error.message).toMatch(/the field temperature was refused/);
  });

  test('says what to do about a prompt that is too long', async () => {
    const error = await failureOf(answering(400, echoed({ code: 'context_length_exceeded' })));
    expect(error).toMatchObject({ name: 'Model.Rejected' });
    expect(error.message).toMatch(/too large for this model\. Shorten the prompt/);
  });
});

describe('a reply with status 200', () => {
  const schema = {
    type: 'object',
    properties: {
      rank: { type: 'integer', maximum: 10 },
      'a/b': { type: 'array', items: { type: 'string' } },
    },
    required: ['rank'],
    additionalProperties: false,
  };
  const output = { name: 'verdict', schema };

  test.each([
    ['is not JSON', 'text/html', `<html>${echo}</html>`],
    ['is a JSON text', 'application/json', JSON.stringify(echo)],
    ['is half a JSON', 'application/json', `{"choices":[{"message":"${echo}`],
    ['is empty', 'application/json', ''],
    ['is another object', 'application/json', JSON.stringify({ answer: echo })],
    ['has no choice', 'application/json', JSON.stringify({ choices: [], note: echo })],
  ])('that %s fails as Model.Unavailable', async (_, type, body) => {
    const error = await failureOf((__, response) => {
      response.writeHead(200, { 'content-type': type }).end(body);
    });
    expect(error).toMatchObject({ name: 'Model.Unavailable', status: 200 });
    expect(error.message).toMatch(/OpenAI-compatible API/);
  });

  test.each(['length', 'max_tokens', 'model_length'])(
    'that was cut off (%s) fails as Model.Truncated',
    async (finish_reason) => {
      const error = await failureOf(answering(200, completion(echo, { finish_reason })));
      expect(error.name).toBe('Model.Truncated');
      expect(error.message).toMatch(/was cut off after 5 output tokens\. Raise maxOutputTokens/);
    },
  );

  test.each([
    ['a refusal', { message: { refusal: echo, content: null } }, 'Model.Refused'],
    ['a content filter', { finish_reason: 'content_filter' }, 'Model.Refused'],
    ['no capacity', { finish_reason: 'insufficient_system_resource' }, 'Model.Overloaded'],
    ['an error behind it', { finish_reason: 'error' }, 'Model.Unavailable'],
  ])('with %s fails by name', async (_, more, name) => {
    expect((await failureOf(answering(200, completion(echo, more)))).name).toBe(name);
  });

  test.each([
    [{ error: { code: 429, message: echo } }, 'Model.RateLimited'],
    [{ error: { code: 402, message: echo } }, 'Model.QuotaExhausted'],
    [{ error: { message: echo } }, 'Model.Unavailable'],
    [{ choices: [{ error: { code: 503, message: echo } }] }, 'Model.Overloaded'],
  ])('with an error inside fails by its code', async (body, name) => {
    expect((await failureOf(answering(200, body), {}, 'openrouter')).name).toBe(name);
  });

  test.each([[''], ['  \n'], [null], [undefined]])(
    'with the empty answer %j fails',
    async (content) => {
      const error = await failureOf(answering(200, completion(content)));
      expect(error.name).toBe('Model.OutputInvalid');
      expect(error.message).toMatch(/gave an answer that cannot be used: it is empty\./);
    },
  );

  test.each([
    [echo, 'is not JSON'],
    [`{"rank": 1, "note": "${prompt}`, 'is not JSON'],
    [`{"rank": "${prompt}"}`, 'breaks its schema at /rank: the value has the wrong type ("type")'],
    ['{"rank": 11}', 'breaks its schema at /rank: the rule is not kept ("maximum")'],
    ['{}', 'breaks its schema at the root: a required property is missing ("required")'],
    [
      JSON.stringify(prompt),
      'breaks its schema at the root: the value has the wrong type ("type")',
    ],
    [
      JSON.stringify({ rank: 1, 'a/b': ['x', 2] }),
      'breaks its schema at /a~1b/1: the value has the wrong type ("type")',
    ],
    [
      JSON.stringify({ rank: 1, [prompt]: 1 }),
      'breaks its schema at /*: nothing is allowed there ("false")',
    ],
  ])('whose answer is %j fails as Model.OutputInvalid', async (content, problem) => {
    const error = await failureOf(answering(200, completion(content)), { output });
    expect(error.name).toBe('Model.OutputInvalid');
    expect(error.message).toContain(`was asked for verdict, but the answer ${problem}.`);
  });

  test.each([
    [{ type: 'object', properties: { a: { $ref: '#/$defs/none' } } }, '{"a":1}'],
    [{ type: 'object', properties: { a: { type: 'string', pattern: '(' } } }, '{"a":"x"}'],
  ])('cannot pass a schema that is broken: %j', async (broken, content) => {
    const error = await failureOf(answering(200, completion(content)), {
      output: { name: 'verdict', schema: broken },
    });
    expect(error.name).toBe('Model.OutputInvalid');
    expect(error.message).toMatch(/cannot be checked, because the schema has/);
  });
});

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

test('nothing is written to the console, whatever OPENAI_LOG says', async () => {
  process.env.OPENAI_LOG = 'debug';
  const written: unknown[] = [];
  const original = { ...console };
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    console[method] = (...parts: unknown[]) => written.push(parts);
  }
  try {
    await failureOf(answering(500, echoed()));
  } finally {
    Object.assign(console, original);
    delete process.env.OPENAI_LOG;
  }
  expect(written).toEqual([]);
});
