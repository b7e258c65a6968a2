import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createApi } from '../../lib/api/api.ts';
import { compileWorkflow, gather, model, workflow } from '../../lib/index.ts';
import { createLocalRunner } from '../../lib/local/local-runner.ts';
import type { TokenEvent } from '../../lib/run/token-event.ts';
import { temporaryFolder } from '../local/store/temporary-folder.ts';
import { spoken } from '../model/stream/spoken.ts';

const ask = model({ model: 'openai:m' });
const pair = compileWorkflow(
  await workflow('pair', { input: z.object({}) }, async () =>
    gather({ one: ask({ prompt: 'one' }), other: ask({ prompt: 'other' }) }),
  ),
);

/** The API over a runner whose models speak a word at a time. */
async function api(options: Parameters<typeof createApi>[1] = {}) {
  const server = await spoken();
  const runner = createLocalRunner({
    workflows: [pair],
    folder: temporaryFolder(),
    environment: { OPENAI_BASE_URL: server.baseURL },
  });
  onTestFinished(() => runner.close());
  return { app: createApi(runner, options), server };
}

interface Message {
  readonly event: string;
  readonly id: string;
  readonly data: string;
}

/** What an EventSource makes of a stream. */
function messagesOf(text: string): Message[] {
  return text
    .split('\n\n')
    .filter((block) => block.includes('data:'))
    .map((block) => {
      const fields = Object.fromEntries(
        block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)),
      ) as Partial<Message>;
      return { event: 'message', id: '', data: '', ...fields };
    });
}

function textsOf(messages: readonly Message[]): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const { event, data } of messages) {
    if (event !== 'tokens') continue;
    const { step, text } = JSON.parse(data) as TokenEvent;
    texts[step] = (texts[step] ?? '') + text;
  }
  return texts;
}

const body = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } };

describe('the events of a run that is watched', () => {
  test('hold the tokens between the events, each under an id of both', async () => {
    const { app } = await api();
    const started = await app.request('/workflows/pair/runs?watch=true', body);
    expect(started.status).toBe(202);
    const location = started.headers.get('location') ?? '';
    expect(location).toMatch(/--watched$/);
    const messages = messagesOf(await (await app.request(`${location}/events`)).text());
    expect(textsOf(messages)).toEqual({ one: 'one says so', other: 'other says so' });
    expect(messages.at(-1)?.event).toBe('end');
    expect(messages.slice(0, -1).every(({ id }) => /^\d+\.\d+$/.test(id))).toBe(true);
    const tokens = messages.filter(({ event }) => event === 'tokens');
    expect(tokens.map(({ id }) => Number(id.split('.')[1]))).toEqual(tokens.map((_, at) => at + 1));
  });

  test('are taken up in the middle by Last-Event-ID, without a gap or a repetition', async () => {
    const { app } = await api({ eventsWindow: 40 });
    const started = await app.request('/workflows/pair/runs?watch=true', body);
    const location = started.headers.get('location') ?? '';
    const messages: Message[] = [];
    let connections = 0;
    for (let last = ''; messages.at(-1)?.event !== 'end'; last = messages.at(-1)?.id || last) {
      const headers = last === '' ? {} : { 'Last-Event-ID': last };
      const response = await app.request(`${location}/events`, { headers });
      if (response.status === 204) break;
      messages.push(...messagesOf(await response.text()));
      connections += 1;
    }
    expect(connections).toBeGreaterThan(2);
    expect(textsOf(messages)).toEqual({ one: 'one says so', other: 'other says so' });
    const ids = messages.filter(({ event }) => event !== 'end').map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('belong to one run however often it is asked for by one key', async () => {
    const { app } = await api();
    const headers = { ...body.headers, 'Idempotency-Key': 'k'.repeat(75) };
    const ask = () => app.request('/workflows/pair/runs?watch=true', { ...body, headers });
    const first = (await ask()).headers.get('location') ?? '';
    expect(first).toMatch(/runs\/key-[\w-]{43}--watched$/);
    await (await app.request(`${first}/events`)).text();
    expect((await ask()).headers.get('location')).toBe(first);
  });

  test('rejects a watch that is neither true nor false, and starts nothing', async () => {
    const { app } = await api();
    const response = await app.request('/workflows/pair/runs?watch=yes', body);
    expect(response.status).toBe(400);
    expect(await (await app.request('/workflows/pair/runs')).json()).toEqual({ runs: [] });
  });
});

test('the events of a run that nobody watches hold no tokens and are known by a number', async () => {
  const { app, server } = await api();
  const started = await app.request('/workflows/pair/runs', body);
  const location = started.headers.get('location') ?? '';
  const messages = messagesOf(await (await app.request(`${location}/events`)).text());
  expect(textsOf(messages)).toEqual({});
  expect(messages.slice(0, -1).every(({ id }) => /^\d+$/.test(id))).toBe(true);
  expect(server.received.some((request) => 'stream' in request.body)).toBe(false);
});
