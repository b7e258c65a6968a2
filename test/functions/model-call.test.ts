import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type BuildResult, build, type Metafile } from 'esbuild';
import { afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { handler } from '../../functions/model-call.ts';
import { optionsFor } from '../../lib/bundle/options.ts';
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
