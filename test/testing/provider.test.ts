import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { compileWorkflow } from '../../lib/asl/compile.ts';
import { gather, model, workflow } from '../../lib/index.ts';
import { createLocalRunner } from '../../lib/local/local-runner.ts';
import { isTokens, type TokenEvent } from '../../lib/run/token-event.ts';
import { type ProviderOptions, startProvider, type WireFault } from '../../lib/testing/index.ts';
import { temporaryFolder } from '../local/store/temporary-folder.ts';
import { listen } from '../model/stream/streaming-server.ts';

const protocols = [
  ['Chat Completions', 'gpt-5-mini'],
  ['the Responses API', 'gpt-5-codex'],
] as const;

async function provider(options: ProviderOptions = {}) {
  const server = await startProvider(options);
  onTestFinished(() => server.close());
  return { ...server, origin: server.baseURL, received: [] };
}

const whole = { onText: undefined as never };

describe.each(protocols)('a test provider, asked by %s', (_, name) => {
  test('streams what it gives whole, in pieces, with the same usage', async () => {
    const server = await provider({ chunkSize: 5 });
    const { result } = await listen(server, { model: name }, whole);
    const { result: streamed, told } = await listen(server, { model: name });
    expect({ ...streamed, latency: 0 }).toEqual({ ...result, latency: 0 });
    expect(told.join('')).toBe(result.output);
    expect(told.slice(0, -1).every(({ length }) => length === 5)).toBe(true);
    expect(server.meter.tokens).toBe(2 * result.usage.totalTokens);
  });

  test('gives an instance of the schema, whole and streamed', async () => {
    const server = await provider();
    const schema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
    const request = { model: name, output: { name: 'count', schema } };
    const { result } = await listen(server, request, whole);
    expect(result.output).toEqual({ n: 1 });
    expect((await listen(server, request)).result.output).toEqual({ n: 1 });
  });

  test('waits before each piece as the seed draws it', async () => {
    const server = await provider({ chunkSize: 40, chunkPause: [5, 30], seed: 3 });
    const began = performance.now();
    const { told } = await listen(server, { model: name });
    expect(performance.now() - began).toBeGreaterThan(told.length * 5);
  });

  test.each<[WireFault, string]>([
    ['half a body', 'Model.Unavailable'],
    ['invalid JSON', 'Model.Unavailable'],
    ['error in a stream', 'Model.Unavailable'],
    ['hang', 'Model.Timeout'],
  ])('breaks in the midst of a stream: %s', async (fault, expected) => {
    const server = await provider({ faults: { [fault]: 1 } });
    const { error, told } = await listen(server, { model: name, timeoutSeconds: 1 });
    expect(error.name).toBe(expected);
    expect(told.length).toBeGreaterThan(2);
    expect(server.meter).toMatchObject({ tokens: 0, faults: { [fault]: 1 } });
  });

  test.each<[WireFault, string]>([
    ['error in a stream', 'Model.Unavailable'],
    ['hang', 'Model.Timeout'],
  ])('fails an answer that comes whole: %s', async (fault, expected) => {
    const server = await provider({ faults: { [fault]: 1 } });
    const { error } = await listen(server, { model: name, timeoutSeconds: 1 }, whole);
    expect(error.name).toBe(expected);
  });
});

test('a watched run tells the words of a test provider, and begins anew after a fault', async () => {
  const faults = { 'half a body': 0.25, 'error in a stream': 0.25 };
  const server = await provider({ faults, chunkPause: [0, 3], seed: 5 });
  const ask = model({ model: 'openai:gpt-5-mini' });
  const flow = await workflow('pair', { input: z.object({}) }, async () =>
    gather({
      one: ask({ prompt: 'One' }),
      two: ask({ prompt: 'Two' }),
      six: ask({ prompt: 'Six' }),
    }),
  );
  const runner = createLocalRunner({
    workflows: [compileWorkflow(flow)],
    folder: temporaryFolder(),
    environment: { OPENAI_BASE_URL: server.baseURL },
  });
  onTestFinished(() => runner.close());
  const { id } = await runner.start('pair', {}, { watch: true });
  const told: TokenEvent[] = [];
  for await (const event of runner.events('pair', id, { afterTokens: 0 })) {
    if (isTokens(event)) told.push(event);
  }
  const run = await runner.get('pair', id);
  expect(run.status).toBe('SUCCEEDED');
  expect(Object.keys(server.meter.faults).length).toBeGreaterThan(0);
  expect(run.usage.totalTokens).toBe(server.meter.tokens);
  const { output } = run as { output: Record<string, string> };
  for (const step of ['one', 'two', 'six']) {
    const last = told.filter((piece) => piece.step === step).at(-1);
    const answer = told.filter((piece) => piece.step === step && piece.answer === last?.answer);
    expect(answer.map(({ text }) => text).join('')).toBe(output[step]);
  }
});
