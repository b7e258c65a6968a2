import { describe, expect, test } from 'vitest';
import type { ModelResult } from '../../../lib/model/result.ts';
import { completion, providerServer, sendJson } from '../provider-server.ts';
import { response } from '../response.ts';
import { chunk, listen, said, stop, streamingServer, usage } from './streaming-server.ts';

const output = {
  name: 'count',
  schema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
} as const;

const tools = [
  { name: 'find', parameters: { type: 'object', properties: { word: { type: 'string' } } } },
];

const anyLatency = (result: ModelResult): ModelResult => ({ ...result, latency: 0 });

/** What the same reply gives when it comes whole. */
async function whole(reply: object, request: object = {}, name = 'openai'): Promise<ModelResult> {
  const server = await providerServer((_, answer) =>
    sendJson(answer, 200, reply, { 'x-request-id': 'req_1' }),
  );
  const { result } = await listen(server, request, { onText: undefined as never }, name);
  return anyLatency(result);
}

describe('a streamed Chat Completion', () => {
  test('gives what it gives when it comes whole, and tells its text as it comes', async () => {
    const server = await streamingServer([
      chunk({ role: 'assistant', content: '' }),
      said('Hello'),
      said(' to'),
      said(' you'),
      stop(),
      usage,
    ]);
    const { result, told } = await listen(server);
    expect(anyLatency(result)).toEqual(await whole(completion('Hello to you')));
    expect(told).toEqual(['Hello', ' to', ' you']);
    expect(server.received[0]?.body).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  test('is not asked for where nobody listens', async () => {
    const server = await providerServer((_, answer) => sendJson(answer, 200, completion('x')));
    await listen(server, {}, { onText: undefined as never });
    expect(Object.keys(server.received[0]?.body ?? {})).toEqual(['model', 'messages']);
  });

  test('leaves stream_options out where the provider refuses it, and reads its usage', async () => {
    const last = { ...(stop() as object), usage: (usage as { usage: object }).usage };
    const server = await streamingServer([said('x'), last]);
    const { result } = await listen(server, {}, {}, 'mistral');
    expect(server.received[0]?.body).not.toHaveProperty('stream_options');
    expect(result.usage.totalTokens).toBe(17);
  });

  test('puts tool calls together that come in pieces, several at once', async () => {
    const call = (index: number, more: object) => chunk({ tool_calls: [{ index, ...more }] });
    const server = await streamingServer([
      call(0, { id: 'a', type: 'function', function: { name: 'find', arguments: '' } }),
      call(1, { id: 'b', type: 'function', function: { name: 'find', arguments: '{"wo' } }),
      call(0, { function: { arguments: '{"word":' } }),
      call(1, { function: { arguments: 'rd":"two"}' } }),
      call(0, { function: { arguments: '"one"}' } }),
      stop('tool_calls'),
      usage,
    ]);
    const { result, told } = await listen(server, { tools });
    expect(result.toolCalls).toEqual([
      { id: 'a', name: 'find', arguments: { word: 'one' } },
      { id: 'b', name: 'find', arguments: { word: 'two' } },
    ]);
    expect(result.output).toBeNull();
    expect(told).toEqual([]);
  });

  test("keeps Gemini's calls apart, which all have the index 0, and their signatures", async () => {
    const call = (id: string, word: string) =>
      chunk({
        tool_calls: [
          {
            index: 0,
            id,
            function: { name: 'find', arguments: JSON.stringify({ word }) },
            extra_content: { google: { thought_signature: word } },
          },
        ],
      });
    const server = await streamingServer(
      [call('a', 'one'), call('b', 'two'), stop('tool_calls')],
      [call('', 'one'), call('', 'two'), stop('tool_calls')],
    );
    const words = ['one', 'two'];
    const { result } = await listen(server, { tools }, {}, 'google');
    expect(result.toolCalls.map((each) => each.arguments.word)).toEqual(words);
    expect(result.toolCalls[1]?.extra).toEqual({ google: { thought_signature: 'two' } });
    const unnamed = await listen(server, { tools }, {}, 'google');
    expect(unnamed.result.toolCalls.map((each) => each.arguments.word)).toEqual(words);
  });

  test('tells the text that a chunk cuts in the middle of a character', async () => {
    const bytes = Buffer.from(`data: ${JSON.stringify(said('naïve 🙂 日本'))}\n\n`);
    const pieces = [...bytes].map((byte) => Uint8Array.of(byte));
    const server = await streamingServer([...pieces, stop(), usage]);
    const { result, texts } = await listen(server);
    expect(texts).toEqual(['naïve 🙂 日本']);
    expect(result.output).toBe('naïve 🙂 日本');
  });

  test('tells the text of structured output, and checks the whole', async () => {
    const server = await streamingServer([said('{"n'), said('":2}'), stop(), usage]);
    const { result, texts } = await listen(server, { output });
    expect(texts).toEqual(['{"n":2}']);
    expect(result.output).toEqual({ n: 2 });
  });

  test('tells a repair as another answer, and counts the usage of both', async () => {
    const server = await streamingServer(
      [said('{"n":"two"}'), stop(), usage],
      [said('{"n":2}'), stop(), usage],
    );
    const { result, texts } = await listen(server, { output });
    expect(texts).toEqual(['{"n":"two"}', '{"n":2}']);
    expect(result).toMatchObject({ attempts: 2, usage: { totalTokens: 34 } });
  });

  test('is read too where the server does not stream', async () => {
    const server = await providerServer((_, answer) => sendJson(answer, 200, completion('fine')));
    const { result, told } = await listen(server);
    expect(result).toMatchObject({ output: 'fine', usage: { totalTokens: 17 } });
    expect(told).toEqual([]);
  });

  test('takes a usage that never comes as unknown', async () => {
    const { result } = await listen(await streamingServer([said('x'), stop()]));
    expect(result).toMatchObject({ output: 'x', price: null, usage: { totalTokens: 0 } });
  });

  test('reads only the text parts of a reasoning model', async () => {
    const parts = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] },
      { type: 'text', text: 'Yes.' },
    ];
    const server = await streamingServer([chunk({ content: parts }), stop(), usage]);
    expect(await listen(server, {}, {}, 'mistral')).toMatchObject({
      result: { output: 'Yes.' },
      texts: ['Yes.'],
    });
  });
});

describe('a streamed Response', () => {
  const request = { model: 'gpt-5-codex' };
  const delta = (text: string) => ({ type: 'response.output_text.delta', delta: text });

  test('gives what it gives when it comes whole, and tells its text as it comes', async () => {
    const server = await streamingServer([
      { type: 'response.created', response: { id: 'resp_1', status: 'in_progress' } },
      delta('Hello'),
      delta(' you'),
      { type: 'response.completed', response: response('Hello you') },
    ]);
    const { result, told } = await listen(server, request);
    expect(anyLatency(result)).toEqual(await whole(response('Hello you'), request));
    expect(told).toEqual(['Hello', ' you']);
    expect(server.received[0]?.path).toBe('/v1/responses');
    expect(server.received[0]?.body).toMatchObject({ stream: true, store: false });
    expect(server.received[0]?.body).not.toHaveProperty('stream_options');
  });

  test('fails as one that came whole when it was cut off by its limit', async () => {
    const reply = response('Hel', {
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    });
    const server = await streamingServer([
      delta('Hel'),
      { type: 'response.incomplete', response: reply },
    ]);
    const { error } = await listen(server, request);
    expect(error).toMatchObject({
      name: 'Model.Truncated',
      spend: { usage: { totalTokens: 130 } },
    });
  });

  test('fails as Model.Unavailable when the model behind it fails', async () => {
    const broken = { code: 'server_error', message: 'CANARY' };
    const failed = response('', { status: 'failed', error: broken });
    for (const event of [
      { type: 'response.failed', response: failed },
      { type: 'error', ...broken },
    ]) {
      const { error } = await listen(await streamingServer([delta('Hel'), event]), request);
      expect(error.name).toBe('Model.Unavailable');
      expect(error.message).not.toContain('CANARY');
    }
  });

  test('fails as Model.Unavailable when it ends without an end', async () => {
    const { error, texts } = await listen(await streamingServer([delta('Hel')]), request);
    expect(error.name).toBe('Model.Unavailable');
    expect(texts).toEqual(['Hel']);
  });
});
