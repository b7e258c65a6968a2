import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { callModel } from '../../lib/model/call.ts';
import { patientDispatcher } from '../../lib/model/dispatcher.ts';
import { providerNamed } from '../../lib/model/providers.ts';
import { completion, providerServer } from './provider-server.ts';

type Agent = object & { readonly constructor: new (options: object) => Agent };
const holder = globalThis as unknown as Record<symbol, Agent>;
const key = Symbol.for('undici.globalDispatcher.1');
const usual = holder[key] as Agent;

/** Longer than undici's own clock, which ticks once a second, needs to find the limit below. */
const silence = 2_500;

beforeEach(() => {
  holder[key] = new usual.constructor({ headersTimeout: 300, bodyTimeout: 300 });
});
afterEach(() => {
  holder[key] = usual;
});

const request = { model: 'm', prompt: 'x', timeoutSeconds: 20 };
const reply = JSON.stringify(completion('Hi'));

describe('a provider that is silent for longer than fetch waits', () => {
  test('before its first byte is waited for', async () => {
    const server = await providerServer((_, response) => {
      response.setHeader('content-type', 'application/json');
      setTimeout(() => response.end(reply), silence);
    });
    await expect(fetch(server.origin, { method: 'POST', body: '{}' })).rejects.toThrow();
    const { baseURL } = server;
    const provider = providerNamed('mycorp', baseURL);
    const result = await callModel(request, { provider, baseURL, apiKey: 'k' });
    expect(result.output).toBe('Hi');
  });

  test('in the middle of its answer is waited for, also where requests are signed', async () => {
    const server = await providerServer((_, response) => {
      response.setHeader('content-type', 'application/json');
      response.write(reply.slice(0, 40));
      setTimeout(() => response.end(reply.slice(40)), silence);
    });
    const { baseURL } = server;
    const signing = { accessKeyId: 'a', secretAccessKey: 'b', region: 'us-east-1' };
    const provider = providerNamed('bedrock');
    const result = await callModel(request, { provider, baseURL, apiKey: null, signing });
    expect(result.output).toBe('Hi');
  });
});

test("leaves a proxy's dispatcher alone", () => {
  class ProxyAgent {}
  holder[key] = new ProxyAgent() as Agent;
  expect(patientDispatcher()).toBeUndefined();
});
