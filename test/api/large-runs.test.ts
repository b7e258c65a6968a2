import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createApi } from '../../lib/api/api.ts';
import { compileWorkflow, gather, model, task, workflow } from '../../lib/index.ts';
import { createLocalRunner } from '../../lib/local/local-runner.ts';
import type { Run } from '../../lib/run/run.ts';
import * as large from '../fixtures/functions/large.ts';
import { temporaryFolder } from '../local/store/temporary-folder.ts';
import { completion, providerServer, sendJson } from '../model/provider-server.ts';

const write = task<typeof large.text>('test/fixtures/functions/large.ts', { handler: 'text' });
const words = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const bytes = 200_000;

/** As many as the function of the API in AWS sends. */
const runSize = 5_000_000;

const ten = compileWorkflow(
  await workflow('ten', { input: z.object({}) }, async () =>
    gather(words.map((word) => write({ bytes, word }))),
  ),
);

/** 6 MB, or less with more quotes in it. */
const many = compileWorkflow(
  await workflow('many', { input: z.object({ word: z.string(), count: z.int() }) }, async (i) =>
    gather(words.flatMap(() => [1, 2, 3].map(() => write({ bytes: i.count, word: i.word })))),
  ),
);

const ask = model({ model: 'openai:gpt-5-mini', reuse: true });
const asking = compileWorkflow(
  await workflow('asking', { input: z.object({ word: z.string() }) }, async ({ word }) =>
    ask({ prompt: word }),
  ),
);

function open(environment: Record<string, string> = {}) {
  const workflows = [ten, many, asking];
  const runner = createLocalRunner({ workflows, folder: temporaryFolder(), environment });
  onTestFinished(() => runner.close());
  const app = createApi(runner, { runSize });
  const post = (path: string, input: unknown, headers: Record<string, string> = {}) =>
    app.request(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(input),
    });
  /** Starts a run, and gives its path when it has ended. */
  const ended = async (path: string, input: unknown, headers: Record<string, string> = {}) => {
    const response = await post(path, input, headers);
    const { id, workflow: name } = (await response.json()) as Run;
    for await (const _ of runner.events(name, id));
    return { self: String(response.headers.get('Location')), id };
  };
  return { app, post, ended };
}

type Told = Run & { readonly output: readonly string[]; readonly outputIsWhole?: boolean };

describe('a run with a large output', () => {
  it('of 10 times 200 KB is told whole', async () => {
    const { app, ended } = open();
    const { self } = await ended('/workflows/ten/runs', {});
    const response = await app.request(self);
    expect(response.headers.get('Content-Type')).toBe('application/json');
    const run = (await response.json()) as Told;
    expect(run).toMatchObject({ status: 'SUCCEEDED', links: { self } });
    expect(run).not.toHaveProperty('outputIsWhole');
    expect(run.output).toEqual(words.map((word) => large.text({ bytes, word })));
  });

  it('of more than 5 MB is told with references, and says so, whoever asks and however', async () => {
    const { app, post, ended } = open();
    const input = { word: 'abcd', count: bytes };
    const key = { 'Idempotency-Key': 'once' };
    const { self } = await ended('/workflows/many/runs', input, key);
    const answers = [
      await app.request(self),
      await app.request(`${self}/stop`, { method: 'POST' }),
      await post('/workflows/many/runs', input, key),
    ];
    for (const response of answers) {
      expect(response.status).toBe(200);
      const run = (await response.json()) as Told;
      expect(run).toMatchObject({ status: 'SUCCEEDED', outputIsWhole: false, links: { self } });
      expect(run.output).toHaveLength(30);
      for (const slot of run.output) expect(slot).toMatch(/^\[\[payload text 200000 .*"\]\]$/);
    }
  });

  it('is measured as Lambda sends it, where a quote in a text takes four bytes', async () => {
    const { app, ended } = open();
    const input = { word: '"', count: 60_000 };
    const { self } = await ended('/workflows/many/runs', input);
    expect(await (await app.request(self)).json()).toMatchObject({ outputIsWhole: false });
  });
});

describe('a run that reuses another one', () => {
  it('asks the provider nothing, is marked and has no price', async () => {
    const server = await providerServer((_, response) =>
      sendJson(response, 200, completion('Yes.', { model: 'gpt-5-mini' })),
    );
    const { app, ended } = open({ OPENAI_BASE_URL: server.baseURL });
    const first = await ended('/workflows/asking/runs', { word: 'why?' });
    expect(await (await app.request(first.self)).json()).toMatchObject({
      output: 'Yes.',
      price: { usd: expect.any(Number) },
      usage: { totalTokens: 17 },
    });
    const again = await ended(`/workflows/asking/runs?reuse=${first.id}`, { word: 'why?' });
    expect(again.id).toMatch(new RegExp(`^${first.id}--reuse-`));
    expect(await (await app.request(again.self)).json()).toMatchObject({
      output: 'Yes.',
      price: { usd: 0 },
      usage: { totalTokens: 0 },
      steps: [{ reused: true, price: { usd: 0 } }],
    });
    expect(server.received).toHaveLength(1);
  });

  it.each([
    ['nobody', 404, 'RunNotFound'],
    ['', 400, 'UsageError'],
    ['a%20b', 400, 'UsageError'],
  ])('is rejected where there is no such run: %j', async (id, status, name) => {
    const { app, post } = open();
    const response = await post(`/workflows/asking/runs?reuse=${id}`, { word: 'why?' });
    expect(response.status).toBe(status);
    const { type, detail } = (await response.json()) as { type: string; detail: string };
    expect(type).toBe(`urn:cloudgather:${name}`);
    expect(detail).toMatch(/^[A-Z].{30,}\.$/);
    expect(await (await app.request('/workflows/asking/runs')).json()).toEqual({ runs: [] });
  });
});
