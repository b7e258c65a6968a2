import { describe, expect, test } from 'vitest';
import { callModel } from '../../lib/model/call.ts';
import { providerNamed, providers } from '../../lib/model/providers.ts';
import type { ModelRequest } from '../../lib/model/request.ts';
import { completion, providerServer, sendJson } from './provider-server.ts';

const verdict = {
  type: 'object',
  properties: { ranking: { type: 'array', items: { type: 'string' } }, why: { type: 'string' } },
  required: ['ranking', 'why'],
  additionalProperties: false,
};

/** Calls a provider that gives `content`, and gives back the result and what was sent. */
async function call(
  name: string,
  request: Omit<ModelRequest, 'model'>,
  reply: object = completion('fine'),
  apiKey: string | null = 'key-1',
) {
  const server = await providerServer((_, response) =>
    sendJson(response, 200, reply, { 'x-request-id': 'req_1' }),
  );
  const connection = {
    provider: providerNamed(name, server.baseURL),
    baseURL: server.baseURL,
    apiKey,
  };
  const result = await callModel({ model: 'some-model', ...request }, connection);
  const sent = server.received[0];
  if (sent === undefined) throw new Error('Nothing was sent.');
  return { result, sent, calls: server.received.length };
}

describe('a model call', () => {
  test('gives text, usage, price, model, finish reason, request id and latency', async () => {
    const { result, calls } = await call(
      'openai',
      { prompt: 'Hello' },
      completion('Hello to you', { model: 'gpt-5-mini-2025-08-07' }),
    );
    expect(result).toEqual({
      object: 'model.result',
      output: 'Hello to you',
      toolCalls: [],
      usage: {
        inputTokens: 12,
        outputTokens: 5,
        totalTokens: 17,
        cachedInputTokens: 0,
        reasoningTokens: 0,
      },
      price: { usd: 0.000013 },
      model: 'gpt-5-mini-2025-08-07',
      provider: 'openai',
      finishReason: 'stop',
      requestId: 'req_1',
      attempts: 1,
      latency: expect.any(Number),
    });
    expect(calls).toBe(1);
  });

  test('sends the prompt after the instructions', async () => {
    const { sent } = await call('openai', { instructions: 'Be brief.', prompt: 'Hello' });
    expect(sent.path).toBe('/v1/chat/completions');
    expect(sent.headers.authorization).toBe('Bearer key-1');
    expect(sent.body).toEqual({
      model: 'some-model',
      messages: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
      ],
    });
  });

  test('sends messages as they are, and every option by its name on the wire', async () => {
    const messages = [
      { role: 'user', content: 'One' },
      { role: 'assistant', content: 'Two' },
      { role: 'user', content: 'Three "quoted" ${x} {% y %} \\' },
    ] as const;
    const { sent } = await call('openai', {
      messages,
      temperature: 0.5,
      maxOutputTokens: 100,
      reasoningEffort: 'low',
      extra: { seed: 7, service_tier: 'flex' },
    });
    expect(sent.body).toEqual({
      model: 'some-model',
      messages,
      temperature: 0.5,
      max_completion_tokens: 100,
      reasoning_effort: 'low',
      seed: 7,
      service_tier: 'flex',
    });
  });

  test('sends no key where there is none', async () => {
    const { sent } = await call('ollama', { prompt: 'Hello' }, completion('ok'), null);
    expect(sent.headers).not.toHaveProperty('authorization');
  });

  test("does not send OpenAI's organization or project to another provider", async () => {
    process.env.OPENAI_ORG_ID = 'org-1';
    process.env.OPENAI_PROJECT_ID = 'proj-1';
    try {
      const { sent } = await call('groq', { prompt: 'Hello' });
      expect(Object.keys(sent.headers).filter((name) => name.startsWith('openai-'))).toEqual([]);
    } finally {
      delete process.env.OPENAI_ORG_ID;
      delete process.env.OPENAI_PROJECT_ID;
    }
  });

  test('knows no price where the list has none, and takes the one that OpenRouter tells', async () => {
    expect((await call('together', { prompt: 'x' })).result.price).toBeNull();
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, cost: 0.0042 };
    const told = await call('openrouter', { prompt: 'x' }, completion('y', { usage }));
    expect(told.result.price).toEqual({ usd: 0.0042 });
  });

  test('knows neither tokens nor price where the reply does not say', async () => {
    const { result } = await call('openai', { prompt: 'x' }, completion('y', { usage: undefined }));
    expect(result.usage.totalTokens).toBe(0);
    expect(result.price).toBeNull();
  });

  test('takes the text of an answer that comes in parts', async () => {
    const parts = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
      { type: 'text', text: 'An ' },
      { type: 'text', text: 'answer' },
    ];
    expect((await call('mistral', { prompt: 'x' }, completion(parts))).result.output).toBe(
      'An answer',
    );
  });

  test('runs beside others: three calls take as long as the slowest', async () => {
    const waits: Record<string, number> = { a: 300, b: 200, c: 100 };
    let inFlight = 0;
    let most = 0;
    const server = await providerServer((request, response) => {
      most = Math.max(most, ++inFlight);
      const model = String(request.body.model);
      setTimeout(() => {
        inFlight -= 1;
        sendJson(response, 200, completion(model));
      }, waits[model]);
    });
    const connection = { provider: providerNamed('openai'), baseURL: server.baseURL, apiKey: 'k' };
    const results = await Promise.all(
      Object.keys(waits).map((model) => callModel({ model, prompt: 'x' }, connection)),
    );
    expect(results.map(({ output }) => output)).toEqual(['a', 'b', 'c']);
    expect(most).toBe(3);
  });
});

describe('structured output', () => {
  const answer = { ranking: ['b', 'a'], why: 'because' };
  const output = { name: 'verdict', schema: verdict };

  test('is parsed and checked', async () => {
    const { result } = await call(
      'openai',
      { prompt: 'x', output },
      completion(JSON.stringify(answer)),
    );
    expect(result.output).toEqual(answer);
  });

  test('is enforced by OpenAI where the schema keeps to what it enforces', async () => {
    const { sent } = await call(
      'openai',
      { prompt: 'x', output },
      completion(JSON.stringify(answer)),
    );
    expect(sent.body.response_format).toEqual({
      type: 'json_schema',
      json_schema: { name: 'verdict', schema: verdict, strict: true },
    });
  });

  test.each([
    [
      'an optional property',
      {
        ...verdict,
        required: ['ranking', 'why'],
        properties: { ...verdict.properties, note: { type: 'string' } },
      },
    ],
    ['further properties', { ...verdict, additionalProperties: true }],
    [
      'a keyword beyond the subset',
      { ...verdict, properties: { ...verdict.properties, why: { type: 'string', minLength: 1 } } },
    ],
    [
      'a format beyond the subset',
      {
        ...verdict,
        properties: { ...verdict.properties, why: { type: 'string', format: 'regex' } },
      },
    ],
  ])('is asked for without enforcement where the schema has %s', async (_, schema) => {
    const { sent } = await call(
      'openai',
      { prompt: 'x', output: { name: 'verdict', schema } },
      completion(JSON.stringify(answer)),
    );
    expect(sent.body).toHaveProperty('response_format.json_schema.strict', false);
  });

  test('whose root is a list travels inside an object and comes out bare', async () => {
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'array',
      items: { $ref: '#/$defs/word' },
      $defs: { word: { type: 'string' } },
    };
    const { result, sent } = await call(
      'openai',
      { prompt: 'x', output: { name: 'words', schema } },
      completion('{"value":["a","b"]}'),
    );
    expect(result.output).toEqual(['a', 'b']);
    expect(sent.body).toHaveProperty('response_format.json_schema.schema', {
      type: 'object',
      properties: { value: { type: 'array', items: { $ref: '#/$defs/word' } } },
      required: ['value'],
      additionalProperties: false,
      $defs: { word: { type: 'string' } },
    });
  });

  test('is read out of a code fence and after a reasoning block', async () => {
    const text = `<think>\nLet me {see}.\n</think>\n\n\`\`\`json\n${JSON.stringify(answer)}\n\`\`\``;
    expect(
      (await call('deepseek', { prompt: 'x', output }, completion(text))).result.output,
    ).toEqual(answer);
  });
});

describe("each provider's own ways on the wire", () => {
  const request = {
    instructions: 'Judge.',
    prompt: 'x',
    maxOutputTokens: 50,
    output: { name: 'verdict', schema: verdict },
  } as const;
  const reply = completion('{"ranking":[],"why":"y"}');
  const inBody = {
    type: 'json_schema',
    json_schema: { name: 'verdict', schema: verdict, strict: true },
  };
  const inWords = `Judge.\n\nAnswer with one JSON value and nothing else: no introduction, no code fence. It must be valid against this JSON Schema:\n${JSON.stringify(verdict)}`;

  test.each([
    ['openai', 'max_completion_tokens', 'developer', inBody, 'Judge.'],
    ['anthropic', 'max_tokens', 'system', undefined, inWords],
    ['google', 'max_tokens', 'system', inBody, 'Judge.'],
    ['groq', 'max_completion_tokens', 'system', { type: 'json_object' }, inWords],
    ['deepseek', 'max_tokens', 'system', { type: 'json_object' }, inWords],
    ['mistral', 'max_tokens', 'system', inBody, 'Judge.'],
    ['xai', 'max_completion_tokens', 'system', inBody, 'Judge.'],
    ['openrouter', 'max_tokens', 'system', undefined, inWords],
    ['together', 'max_tokens', 'system', undefined, inWords],
    ['azure', 'max_completion_tokens', 'developer', inBody, 'Judge.'],
    ['bedrock', 'max_completion_tokens', 'system', undefined, inWords],
    ['ollama', 'max_tokens', 'system', inBody, 'Judge.'],
    ['vllm', 'max_tokens', 'system', inBody, 'Judge.'],
    ['lmstudio', 'max_tokens', 'system', inBody, 'Judge.'],
    ['mycorp', 'max_tokens', 'system', inBody, 'Judge.'],
  ])('%s: %s, %s', async (name, tokens, role, format, instructions) => {
    const { sent } = await call(name, request, reply);
    expect(sent.body).toEqual({
      model: 'some-model',
      messages: [
        { role, content: instructions },
        { role: 'user', content: 'x' },
      ],
      [tokens]: 50,
      ...(format === undefined ? {} : { response_format: format }),
    });
  });

  test('are tried above for every provider of the table', () => {
    expect(providers).toHaveLength(14);
  });

  test.each(['anthropic', 'deepseek', 'mistral'])(
    'rejects a reasoning effort that %s would ignore, before it is paid for',
    async (name) => {
      await expect(call(name, { prompt: 'x', reasoningEffort: 'high' })).rejects.toMatchObject({
        name: 'Model.Rejected',
        message: expect.stringContaining('takes no reasoning effort'),
      });
    },
  );

  test.each(['model', 'messages', 'stream', 'n', 'tools'])(
    'rejects the extra field %s, which is set already or cannot be served',
    async (name) => {
      await expect(call('openai', { prompt: 'x', extra: { [name]: 1 } })).rejects.toMatchObject({
        name: 'Model.Rejected',
        message: expect.stringContaining(`extra may not hold "${name}"`),
      });
    },
  );
});
