import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type BuildResult, build, type Metafile } from 'esbuild';
import { afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { handler } from '../../functions/model-call.ts';
import { optionsFor } from '../../lib/bundle/options.ts';
import { serveTable } from '../../lib/local/limiter/serve-table.ts';
import { memoryTable } from '../../lib/model/limiter/memory-table.ts';
import { completion, providerServer, sendJson } from '../model/provider-server.ts';

const environment = { ...process.env };
afterEach(() => {
  process.env = { ...environment };
});

function given(variables: Record<string, string>, remaining = 10_000) {
  Object.assign(process.env, variables);
  return { getRemainingTimeInMillis: () => remaining };
}

describe('the model function', () => {
  test('answers a request with a result', async () => {
    const server = await providerServer((_, response) => sendJson(response, 200, completion('Hi')));
    const context = given({
      CLOUDGATHER_PROVIDER: 'openai',
      CLOUDGATHER_BASE_URL: server.baseURL,
      CLOUDGATHER_API_KEY: 'sk-1',
    });
    expect(await handler({ model: 'm-1', prompt: 'Hello' }, context)).toMatchObject({
      object: 'model.result',
      output: 'Hi',
      provider: 'openai',
    });
    expect(server.received[0]?.headers.authorization).toBe('Bearer sk-1');
  });

  test('serves a provider that is only a name and a URL', async () => {
    const server = await providerServer((_, response) => sendJson(response, 200, completion('Hi')));
    const context = given({ CLOUDGATHER_PROVIDER: 'mycorp', CLOUDGATHER_BASE_URL: server.baseURL });
    expect(await handler({ model: 'm', prompt: 'x' }, context)).toMatchObject({
      provider: 'mycorp',
    });
  });

  test('fails as Model.Rejected for an event that is not a request, and calls nobody', async () => {
    const server = await providerServer((_, response) => sendJson(response, 200, completion('Hi')));
    const context = given({ CLOUDGATHER_PROVIDER: 'openai', CLOUDGATHER_BASE_URL: server.baseURL });
    await expect(handler({ prompt: 'x' }, context)).rejects.toMatchObject({
      name: 'Model.Rejected',
      message: expect.stringMatching(/^The request for openai is not valid: model must be/),
    });
    expect(server.received).toEqual([]);
  });

  test.each([
    [{}, /CLOUDGATHER_PROVIDER="".*is not a known provider/],
    [{ CLOUDGATHER_PROVIDER: 'azure' }, /CLOUDGATHER_BASE_URL must be set for this provider/],
    [
      { CLOUDGATHER_PROVIDER: 'openai', CLOUDGATHER_BASE_URL: 'nowhere' },
      /CLOUDGATHER_BASE_URL is not a base URL/,
    ],
  ])('fails as Model.Rejected with the environment %j', async (variables, message) => {
    const context = given(variables as Record<string, string>);
    await expect(handler({ model: 'm', prompt: 'x' }, context)).rejects.toMatchObject({
      name: 'Model.Rejected',
      message: expect.stringMatching(message),
    });
  });

  test('fails as Model.Timeout before the function itself runs out of time', async () => {
    const server = await providerServer(() => {});
    const context = given(
      { CLOUDGATHER_PROVIDER: 'openai', CLOUDGATHER_BASE_URL: server.baseURL },
      1500,
    );
    const started = Date.now();
    await expect(handler({ model: 'm', prompt: 'x' }, context)).rejects.toMatchObject({
      name: 'Model.Timeout',
    });
    expect(Date.now() - started).toBeLessThan(1500);
  });

  test("ends its request when the invocation's signal is aborted", async () => {
    const stop = new AbortController();
    const server = await providerServer(() => stop.abort());
    const context = given({ CLOUDGATHER_PROVIDER: 'openai', CLOUDGATHER_BASE_URL: server.baseURL });
    const call = handler({ model: 'm', prompt: 'x' }, { ...context, signal: stop.signal });
    await expect(call).rejects.toMatchObject({ name: 'Model.Aborted' });
    await server.received[0]?.dropped;
  });
});

describe('the model function under a budget', () => {
  const budget = { run: 'panel/one', tokens: 400 };
  const ask = {
    model: 'gpt-5-mini',
    prompt: 'x',
    maxOutputTokens: 100,
    repairs: 3,
    output: {
      name: 'count',
      schema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
    },
    budget,
  };

  async function underBudget(answer: Parameters<typeof providerServer>[0]) {
    const table = memoryTable();
    const served = serveTable(table);
    onTestFinished(served.close);
    const server = await providerServer(answer);
    const context = given({
      CLOUDGATHER_PROVIDER: 'openai',
      CLOUDGATHER_BASE_URL: server.baseURL,
      CLOUDGATHER_BUDGET_CHANNEL: served.channel,
    });
    const row = async () => (await table.change('budget:run:panel/one', {})).row;
    return { server, context, row };
  }

  test('pays for repairs, too, and settles what all attempts used', async () => {
    const { server, context, row } = await underBudget(({ body }, response) => {
      const repaired = (body.messages as unknown[]).length > 2;
      sendJson(response, 200, completion(repaired ? '{"n":1}' : '{"n":"one"}'));
    });
    const roomy = { ...ask, budget: { ...budget, tokens: 500 } };
    expect(await handler(roomy, context)).toMatchObject({ output: { n: 1 }, attempts: 2 });
    expect(server.received.map(({ body }) => body.max_completion_tokens)).toEqual([100, 100]);
    expect(await row()).toMatchObject({ tokens: 34, tokens_held: 0 });
  });

  test('fails as Budget.Exceeded where a repair does not fit any more, with what was spent', async () => {
    const { context, row } = await underBudget((_, response) => {
      const usage = { prompt_tokens: 200, completion_tokens: 50, total_tokens: 250 };
      sendJson(response, 200, completion('{"n":"one"}', { usage }));
    });
    await expect(handler(ask, context)).rejects.toMatchObject({
      name: 'Budget.Exceeded',
      message: expect.stringMatching(
        /is 400 tokens: spent 0 tokens, reserved .*Spent 200 input tokens/,
      ),
    });
    expect(await row()).toMatchObject({ tokens: 250, tokens_held: 0 });
  });

  test('keeps what a call that timed out had reserved, and says so', async () => {
    const { context, row } = await underBudget(() => {});
    await expect(handler({ ...ask, timeoutSeconds: 0.3 }, context)).rejects.toMatchObject({
      name: 'Model.Timeout',
      message: expect.stringMatching(/What the unanswered attempt used is not known: \d+ tokens/),
    });
    const { tokens = 0, tokens_held } = await row();
    expect(tokens).toBeGreaterThan(100);
    expect(tokens_held).toBe(0);
  });

  test('reserves nothing for a call that the provider sends away to wait', async () => {
    const { context, row } = await underBudget((_, response) =>
      sendJson(response, 429, { error: {} }, { 'retry-after': '9' }),
    );
    await expect(handler({ ...ask, turn: { run: 'one' } }, context)).rejects.toMatchObject({
      name: 'Model.Deferred',
    });
    expect(await row()).toMatchObject({ tokens: 0, tokens_held: 0 });
  });
});

describe('the bundle of the model function', () => {
  let built: BuildResult<{ write: false; metafile: true }> & { metafile: Metafile };

  beforeAll(async () => {
    const entry = fileURLToPath(new URL('../../functions/model-call.ts', import.meta.url));
    built = await build({
      ...optionsFor(entry),
      sourcemap: false,
      entryPoints: [entry],
      write: false,
      metafile: true,
      logLevel: 'silent',
    });
  });

  test('is smaller than 500 KB', () => {
    const bytes = built.outputFiles[0]?.contents.byteLength ?? Number.POSITIVE_INFINITY;
    expect(bytes).toBeLessThan(500_000);
  });

  test('holds neither zod nor the AWS SDK', () => {
    const packages = Object.keys(built.metafile.inputs)
      .map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1])
      .filter((name) => name !== undefined);
    expect([...new Set(packages)].sort()).toEqual(['@cfworker/json-schema', 'aws4fetch', 'openai']);
  });

  test('holds nothing of the openai package that administers accounts, and no beta', () => {
    const resources = Object.entries(Object.values(built.metafile.outputs)[0]?.inputs ?? {})
      .filter(([path]) => /openai\/resources\/(admin|beta|evals|fine-tuning)\//.test(path))
      .map(([, { bytesInOutput }]) => bytesInOutput);
    expect(resources.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(1_000);
  });

  test('runs by itself', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'model-call-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'model-call.mjs');
    await writeFile(file, built.outputFiles[0]?.contents ?? '');
    const server = await providerServer((_, response) =>
      sendJson(response, 200, completion('{"n":1}')),
    );
    const context = given({ CLOUDGATHER_PROVIDER: 'openai', CLOUDGATHER_BASE_URL: server.baseURL });
    const bundle = (await import(pathToFileURL(file).href)) as { handler: typeof handler };
    const output = {
      name: 'count',
      schema: { type: 'object', properties: { n: { type: 'integer' } } },
    };
    const result = await bundle.handler({ model: 'm', prompt: 'x', output }, context);
    expect(result.output).toEqual({ n: 1 });
  });
});
