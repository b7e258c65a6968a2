import { describe, expect, test } from 'vitest';
import { spendIn } from '../../../lib/model/spend.ts';
import { answering } from '../failure.ts';
import { providerServer } from '../provider-server.ts';
import {
  chunk,
  type Deed,
  listen,
  said,
  stop,
  streamingServer,
  usage,
} from './streaming-server.ts';

const told = { prompt_tokens: 12, completion_tokens: 1, total_tokens: 13 };

describe('a stream that breaks', () => {
  test.each<[string, Deed]>([
    ['is closed', 'CUT'],
    ['is reset', 'RESET'],
    ['ends without a reason', ''],
    ['holds what is no JSON', 'data: {"choices": CANARY\n\n'],
  ])('fails as Model.Unavailable when it %s in the middle', async (_, deed) => {
    const { error, texts } = await listen(await streamingServer([said('Half a'), deed]));
    expect(error.name).toBe('Model.Unavailable');
    expect(error.message).toMatch(/\.$/);
    expect(error.message).not.toContain('CANARY');
    expect(error.spend).toBeNull();
    expect(texts).toEqual(['Half a']);
  });

  test('says what was spent where the stream has told it, once', async () => {
    const counted = { ...(said('Half a') as object), usage: told };
    const server = await streamingServer([counted, 'CUT']);
    const { error } = await listen(server, {}, {}, 'google');
    expect(error).toMatchObject({
      name: 'Model.Unavailable',
      spend: { usage: { totalTokens: 13 } },
    });
    expect(spendIn(error.message)?.usage.totalTokens).toBe(13);
    expect(error.message.match(/Spent/g)).toHaveLength(1);
  });

  test('counts the answers before it, too', async () => {
    const output = { name: 'n', schema: { type: 'integer' } } as const;
    const server = await streamingServer(
      [said('no number'), stop(), usage],
      [{ ...(said('1') as object), usage: told }, 'RESET'],
    );
    const { error } = await listen(server, { output });
    expect(error.spend?.usage.totalTokens).toBe(17 + 13);
    expect(error.message.match(/Spent/g)).toHaveLength(1);
  });

  test('keeps an answer that was over when the connection was lost', async () => {
    const { result } = await listen(await streamingServer([said('All of it'), stop(), 'RESET']));
    expect(result.output).toBe('All of it');
  });

  test.each([
    [429, 'Model.RateLimited'],
    [503, 'Model.Overloaded'],
    ['server_error', 'Model.Unavailable'],
  ])('fails by the error that comes after the headers: %s', async (code, name) => {
    const event = { error: { message: 'CANARY', code }, choices: [] };
    const { error } = await listen(await streamingServer([said('Half'), event, said('more')]));
    expect(error.name).toBe(name);
    expect(error.message).not.toContain('CANARY');
  });

  test('fails by the status where the stream never begins', async () => {
    const server = await providerServer(answering(429, { error: {} }, { 'retry-after': '7' }));
    const { error } = await listen(server);
    expect(error).toMatchObject({ name: 'Model.RateLimited', retryAfter: 7 });
  });

  test.each([
    ['length', 'Model.Truncated'],
    ['content_filter', 'Model.Refused'],
    ['insufficient_system_resource', 'Model.Overloaded'],
  ])('fails by the reason of its end: %s', async (reason, name) => {
    const { error } = await listen(await streamingServer([said('Half'), stop(reason), usage]));
    expect(error).toMatchObject({ name, spend: { usage: { totalTokens: 17 } } });
  });

  test('fails as Model.Refused when the model refuses', async () => {
    const server = await streamingServer([chunk({ refusal: 'No' }), stop(), usage]);
    expect((await listen(server)).error.name).toBe('Model.Refused');
  });

  test('fails as Model.OutputInvalid when it is empty', async () => {
    const { error } = await listen(await streamingServer([stop(), usage]), { repairs: 0 });
    expect(error.name).toBe('Model.OutputInvalid');
  });

  test('ends its request when the caller stops the call in the middle', async () => {
    const stopping = new AbortController();
    const server = await providerServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify(said('Half'))}\n\n`);
    });
    const { error } = await listen(
      server,
      {},
      { signal: stopping.signal, onText: () => stopping.abort() },
    );
    expect(error.name).toBe('Model.Aborted');
    await server.received[0]?.dropped;
  });

  test('fails as Model.Timeout when it does not come to an end in time', async () => {
    const server = await providerServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify(said('Half'))}\n\n`);
    });
    const { error } = await listen(server, { timeoutSeconds: 0.2 });
    expect(error.name).toBe('Model.Timeout');
    await server.received[0]?.dropped;
  });
});
