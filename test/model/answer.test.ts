import { describe, expect, test } from 'vitest';
import { callModel } from '../../lib/model/call.ts';
import { ModelError } from '../../lib/model/errors.ts';
import { providerNamed } from '../../lib/model/providers.ts';
import type { ModelRequest } from '../../lib/model/request.ts';
import { spendIn } from '../../lib/model/spend.ts';
import { completion, providerServer, sendJson } from './provider-server.ts';
import { response } from './response.ts';

const output = {
  name: 'count',
  schema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
} as const;
const tools = [
  {
    name: 'find',
    parameters: { type: 'object', properties: { word: { type: 'string' } }, required: ['word'] },
  },
];

const toolCall = (name: string, given: string, id = 'c1') => ({
  message: { tool_calls: [{ id, type: 'function', function: { name, arguments: given } }] },
  finish_reason: 'tool_calls',
});

/** Calls a provider that gives these replies in turn; a number is a status with an empty error. */
async function call(replies: readonly (object | number)[], request: Partial<ModelRequest> = {}) {
  let turn = 0;
  const server = await providerServer((_, answer) => {
    const reply = replies[turn++] ?? 500;
    if (typeof reply === 'number') sendJson(answer, reply, { error: {} }, { 'retry-after': '9' });
    else sendJson(answer, 200, reply);
  });
  const { baseURL } = server;
  const connection = { provider: providerNamed('openai'), baseURL, apiKey: 'k' };
  const settled = callModel({ model: 'gpt-5', prompt: 'How many?', ...request }, connection);
  const result = await settled.catch((error: unknown) => error);
  return { result, received: server.received };
}

describe('an answer that cannot be used', () => {
  test('is asked for again, with the problem named, and both are counted', async () => {
    const { result, received } = await call([completion('{"n":"two"}'), completion('{"n":2}')], {
      output,
    });
    expect(result).toMatchObject({
      output: { n: 2 },
      attempts: 2,
      usage: { inputTokens: 24, outputTokens: 10, totalTokens: 34 },
    });
    expect(received[1]?.body.messages).toEqual([
      { role: 'user', content: 'How many?' },
      { role: 'assistant', content: '{"n":"two"}' },
      {
        role: 'user',
        content:
          'Your answer cannot be used: it breaks its schema at /n: the value has the wrong type ("type"). Answer again, with one JSON value that is valid against the schema and nothing else.',
      },
    ]);
  });

  test('is asked for once more by default, and as often as the request says', async () => {
    const bad = Array.from({ length: 9 }, () => completion('no'));
    expect((await call(bad, { output })).received).toHaveLength(2);
    expect((await call(bad, { output, repairs: 0 })).received).toHaveLength(1);
    expect((await call(bad, { output, repairs: 3 })).received).toHaveLength(4);
    expect((await call([completion(''), completion('4')])).result).toMatchObject({ output: '4' });
  });

  test('fails as Model.OutputInvalid in the end, with the tokens of every attempt', async () => {
    const { result } = await call([completion('no'), completion('never')], { output });
    expect(result).toMatchObject({
      name: 'Model.OutputInvalid',
      message:
        'openai:gpt-5 was asked for count, but the answer is not JSON. So it was 2 times. Say in the instructions what is wanted, or loosen the schema. Spent 24 input tokens (0 cached) and 10 output tokens (0 reasoning), 0.00013 USD.',
      spend: { usage: { inputTokens: 24, outputTokens: 10 } },
    });
  });

  test('fails by the name of a later failure, and is still accounted', async () => {
    const model = 'gpt-5-2025-08-07';
    const { result } = await call([completion('no', { model }), 429], { output });
    expect(result).toMatchObject({ name: 'Model.RateLimited', retryAfter: 9 });
    const { message, spend } = result as ModelError;
    expect(spendIn(message)).toEqual(spend);
    expect(spend).toMatchObject({ usage: { totalTokens: 17 }, price: { usd: 0.000065 } });
  });
});

describe('tokens of a call that failed', () => {
  test.each([
    ['Model.Truncated', completion('half', { finish_reason: 'length' })],
    ['Model.Refused', completion('', { message: { refusal: 'No.' } })],
    ['Model.Refused', completion('', { finish_reason: 'content_filter' })],
  ])('fails as %s with what was spent', async (name, reply) => {
    const { result } = await call([reply]);
    expect(result).toMatchObject({ name, spend: { usage: { totalTokens: 17 } } });
    expect(spendIn((result as ModelError).message)?.usage.totalTokens).toBe(17);
  });

  test("survive Lambda's JSON text around the message", () => {
    const spend = {
      usage: {
        inputTokens: 9,
        outputTokens: 2,
        totalTokens: 11,
        cachedInputTokens: 1,
        reasoningTokens: 0,
      },
      price: { usd: 0.000001 },
    };
    const at = { provider: 'openai', model: 'm' };
    const error = new ModelError('Model.Truncated', 'Cut off.', at).withSpend(spend);
    const cause = JSON.stringify({ errorType: error.name, errorMessage: error.message, trace: [] });
    expect(spendIn(cause)).toEqual(spend);
    expect(spendIn('{"errorMessage":"openai:m answered with status 500."}')).toBeNull();
  });
});

describe('tool calls', () => {
  test('come out parsed, and the text beside them is kept', async () => {
    const asked = await call([completion(null, toolCall('find', '{"word":"fish"}'))], { tools });
    expect(asked.result).toMatchObject({
      output: null,
      toolCalls: [{ id: 'c1', name: 'find', arguments: { word: 'fish' } }],
      finishReason: 'tool_calls',
    });
    const remark = completion('Let me look.', toolCall('find', '{"word":"fish"}'));
    expect((await call([remark], { tools, output })).result).toMatchObject({
      output: 'Let me look.',
      toolCalls: [{ name: 'find' }],
    });
  });

  test('are not asked for where the model answers', async () => {
    const { result } = await call([completion('{"n":1}')], { tools, output });
    expect(result).toMatchObject({ output: { n: 1 }, toolCalls: [] });
  });

  test.each([
    ['{"word":', 'calls find with arguments that are not JSON'],
    ['{"word":7}', 'it breaks its schema at /word: the value has the wrong type'],
    ['{}', 'it breaks its schema at the root: a required property is missing'],
  ])('with the arguments %s are asked for again', async (given, problem) => {
    const good = completion(null, toolCall('find', '{"word":"fish"}'));
    const { result, received } = await call([completion(null, toolCall('find', given)), good], {
      tools,
    });
    expect(result).toMatchObject({ attempts: 2, toolCalls: [{ arguments: { word: 'fish' } }] });
    expect(JSON.stringify(received[1]?.body.messages)).toContain(problem);
  });

  test('of a tool that was not offered fail without its name', async () => {
    const { result } = await call([completion(null, toolCall('CANARY', '{}'))], {
      tools,
      repairs: 0,
    });
    expect(result).toMatchObject({
      name: 'Model.OutputInvalid',
      message: expect.stringContaining('it calls a tool that was not offered'),
    });
    expect((result as ModelError).message).not.toContain('CANARY');
  });
});

describe('a Response', () => {
  const pro = { model: 'gpt-5-pro' };

  test('gives text, cached and reasoning tokens apart, and its price', async () => {
    const { result } = await call([response('Fine', { model: 'gpt-5' })], pro);
    expect(result).toMatchObject({
      output: 'Fine',
      finishReason: 'completed',
      model: 'gpt-5',
      usage: { inputTokens: 100, cachedInputTokens: 40, outputTokens: 30, reasoningTokens: 20 },
      price: { usd: 0.00038 },
    });
  });

  test('costs half in the flex tier', async () => {
    const flex = response('Fine', { model: 'gpt-5', service_tier: 'flex' });
    expect((await call([flex], pro)).result).toMatchObject({ price: { usd: 0.00019 } });
    const priority = response('Fine', { model: 'gpt-5', service_tier: 'priority' });
    expect((await call([priority], pro)).result).toMatchObject({ price: null });
  });

  test('gives tool calls', async () => {
    const item = { type: 'function_call', call_id: 'c9', name: 'find', arguments: '{"word":"a"}' };
    const { result } = await call([response('', { output: [item] })], { ...pro, tools });
    expect(result).toMatchObject({
      output: null,
      toolCalls: [{ id: 'c9', name: 'find', arguments: { word: 'a' } }],
    });
  });

  test('asks for structured output by its own field', async () => {
    const { result, received } = await call([response('{"n":3}')], { ...pro, output });
    expect(result).toMatchObject({ output: { n: 3 } });
    expect(received[0]?.body).toHaveProperty('text.format', {
      type: 'json_schema',
      name: 'count',
      schema: output.schema,
      strict: false,
    });
  });

  test.each([
    [
      'Model.Truncated',
      { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
    ],
    ['Model.Refused', { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }],
    ['Model.Unavailable', { status: 'failed', error: { code: 'server_error' } }],
    ['Model.Unavailable', { object: 'list' }],
    [
      'Model.Refused',
      { output: [{ type: 'message', content: [{ type: 'refusal', refusal: 'No.' }] }] },
    ],
  ])('fails as %s where it is %j', async (name, more) => {
    expect((await call([response('half', more)], pro)).result).toMatchObject({ name });
  });
});
