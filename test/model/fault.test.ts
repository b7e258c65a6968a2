import { describe, expect, test } from 'vitest';
import { answering, echo, echoed, failureOf } from './failure.ts';
import { completion, providerServer, sendJson } from './provider-server.ts';

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
    [
      'anthropic',
      400,
      echoed({
        message:
          'You have reached your specified API usage limits. You will regain access on 2026-12-01.',
      }),
      'Model.QuotaExhausted',
    ],
    ['anthropic', 429, echoed({ code: 'enforced_spend_limit_reached' }), 'Model.QuotaExhausted'],
    [
      'xai',
      400,
      {
        code: 'Client specified an invalid argument',
        error: `Incorrect API key provided: ${echo}`,
      },
      'Model.Unauthorized',
    ],
    [
      'xai',
      429,
      {
        code: 'Some resource has been exhausted',
        error: `Your team 16f2-51a has either used all available credits or reached its monthly spending limit. ${echo}`,
      },
      'Model.QuotaExhausted',
    ],
    [
      'xai',
      403,
      { code: 'x', error: "Your newly created team doesn't have any credits yet." },
      'Model.QuotaExhausted',
    ],
    ['xai', 400, { code: 'x', error: `${echo} Incorrect API key provided` }, 'Model.Rejected'],
    ['lmstudio', 400, { error: echo }, 'Model.Rejected'],
    ['groq', 400, echoed({ code: 'tool_use_failed' }), 'Model.OutputInvalid'],
    [
      'groq',
      413,
      echoed({ code: 'rate_limit_exceeded', message: 'Request too large for model' }),
      'Model.Rejected',
    ],
    ['mistral', 429, { object: 'error', message: echo, type: 'rate_limited' }, 'Model.RateLimited'],
    ['mistral', 422, { object: 'error', message: { detail: [echo] } }, 'Model.Rejected'],
    ['deepseek', 402, echoed({ message: 'Insufficient Balance' }), 'Model.QuotaExhausted'],
    ['together', 429, echoed({ type: 'model_rate_limit' }), 'Model.RateLimited'],
    ['bedrock', 424, { message: echo, __type: 'ModelErrorException' }, 'Model.Unavailable'],
    ['bedrock', 429, { message: echo, __type: 'ThrottlingException' }, 'Model.RateLimited'],
    [
      'google',
      499,
      [{ error: { code: 499, status: 'CANCELLED', message: echo } }],
      'Model.Unavailable',
    ],
    [
      'google',
      429,
      [
        {
          error: {
            details: [
              { violations: [{ quotaId: 'PerMinute' }, { quotaId: 'RequestsPerDayPerProject' }] },
            ],
          },
        },
      ],
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

  test.each([
    ['anthropic', 'prompt is too long: 210000 tokens > 200000 maximum'],
    ['google', 'The input token count (1200000) exceeds the maximum number of tokens allowed'],
    ['mistral', 'Prompt contains 40000 tokens and 0 draft tokens, too large for model'],
    ['vllm', "This model's maximum context length is 4096 tokens. However, you requested more"],
  ])('says in whatever words of %s that the prompt is too long', async (name, message) => {
    const error = await failureOf(answering(400, echoed({ message })), {}, name);
    expect(error).toMatchObject({ name: 'Model.Rejected' });
    expect(error.message).toMatch(/too large for this model\. Shorten the prompt/);
  });

  test('speaks of the role, and not of a key, where Bedrock refuses', async () => {
    const error = await failureOf(answering(403, { message: echo }), {}, 'bedrock');
    expect(error).toMatchObject({ name: 'Model.Unauthorized' });
    expect(error.message).toMatch(/Check that the role allows bedrock:InvokeModel/);
  });

  test('says what to do about a prompt that is too long', async () => {
    const error = await failureOf(answering(400, echoed({ code: 'context_length_exceeded' })));
    expect(error).toMatchObject({ name: 'Model.Rejected' });
    expect(error.message).toMatch(/too large for this model\. Shorten the prompt/);
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
