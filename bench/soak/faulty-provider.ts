import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { draw, drawnFault, type Hits, type SyncFault } from './faults.ts';
import { idIn, type Ledger } from './ledger.ts';

export interface FaultyProviderOptions {
  readonly seed: number;
  readonly faults: readonly SyncFault[];
  /** How often a request meets one of them. */
  readonly share: number;
  readonly ledger: Ledger;
  readonly hits: Hits;
  readonly now: () => number;
  /** Waits on the soak's clock, for the call of that id. */
  readonly sleep: (id: string, milliseconds: number) => Promise<void>;
}

/** What goes over the wire. */
interface Wire {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly cut?: 'reset' | 'half';
}

const hang = 600_000;

/** A provider of Chat Completions whose every answer, latency and fault is drawn from the seed. */
export function faultyProvider(options: FaultyProviderOptions) {
  const { seed, faults, share, ledger, hits, now, sleep } = options;

  async function answer(body: string): Promise<Wire> {
    const id = idIn(body);
    const entry = ledger.of(id);
    entry.requests += 1;
    if (now() < entry.closedUntil) entry.early += 1;
    const random = draw(seed, id, entry.requests);
    const fault = drawnFault(random, faults, share);
    if (fault) hits.add(fault);
    await sleep(id, fault === '10-minute hang' ? hang : 200 + Math.floor(random() * 4_000));
    if (fault?.startsWith('429')) return refused(fault, random, entry);
    if (fault === '500' || fault === '503') return wire(Number(fault), { error: { message: id } });
    const content =
      fault === 'wrong schema' ? '{"wrong":1}' : fault === 'empty answer' ? '' : `{"id":"${id}"}`;
    const usage = usageOf(random);
    const whole = wire(200, completion(content, usage));
    const isTold = !['10-minute hang', 'connection reset', 'half a body', 'invalid JSON'].includes(
      fault ?? '',
    );
    const use = { input: usage.prompt_tokens, output: usage.completion_tokens };
    entry[isTold ? 'told' : 'untold'].push(use);
    if (fault === 'connection reset') return { ...whole, cut: 'reset' };
    if (fault === 'half a body') return { ...whole, cut: 'half' };
    return fault === 'invalid JSON' ? { ...whole, text: `${whole.text}}` } : whole;
  }

  function refused(fault: string, random: () => number, entry: { closedUntil: number }): Wire {
    const seconds = 1 + Math.floor(random() * 90);
    const error = { error: { message: 'Too many.', code: 'rate_limit_exceeded' } };
    if (fault === '429 without Retry-After') return wire(429, error);
    entry.closedUntil = now() + seconds * 1000;
    if (fault === '429') return wire(429, error, { 'retry-after': String(seconds) });
    // The provider's clock is up to half an hour off, either way; its two headers agree.
    const there = Math.floor((now() + (random() - 0.5) * 3_600_000) / 1000) * 1000;
    return wire(429, error, {
      date: new Date(there).toUTCString(),
      'retry-after': new Date(there + seconds * 1000).toUTCString(),
    });
  }

  return { answer };
}

export type FaultyProvider = ReturnType<typeof faultyProvider>;

/** In place of the global fetch: the same answers without a network, and failures as Node words them. */
export function fetchFrom({ answer }: FaultyProvider): typeof fetch {
  return async (_, init) => {
    const stopped = new Promise<never>((__, reject) => {
      const { signal } = init ?? {};
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    const { status, headers, text, cut } = await Promise.race([
      answer(String(init?.body)),
      stopped,
    ]);
    if (cut === 'reset') throw broken('fetch failed', 'ECONNRESET');
    if (cut !== 'half') return new Response(text, { status, headers });
    const body = new ReadableStream({
      start(stream) {
        stream.enqueue(new TextEncoder().encode(text.slice(0, text.length / 2)));
      },
      pull(stream) {
        stream.error(broken('terminated', 'UND_ERR_SOCKET'));
      },
    });
    return new Response(body, { status, headers });
  };
}

function broken(message: string, code: string): TypeError {
  return new TypeError(message, { cause: Object.assign(new Error(code), { code }) });
}

/** The same answers on a real wire, on 127.0.0.1. */
export async function serveFaulty({ answer }: FaultyProvider) {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const { status, headers, text, cut } = await answer(body);
    if (response.destroyed) return;
    if (cut === 'reset') return void response.socket?.resetAndDestroy();
    const length = Buffer.byteLength(text);
    response.writeHead(status, { ...headers, 'content-length': length });
    if (cut !== 'half') return void response.end(text);
    response.write(text.slice(0, text.length / 2));
    setImmediate(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function wire(status: number, body: object, more: Readonly<Record<string, string>> = {}): Wire {
  const headers = { 'content-type': 'application/json', ...more };
  return { status, headers, text: JSON.stringify(body) };
}

function usageOf(random: () => number) {
  const prompt_tokens = 20 + Math.floor(random() * 40);
  const completion_tokens = 1 + Math.floor(random() * 200);
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}

function completion(content: string, usage: object): object {
  const message = { role: 'assistant', content, refusal: null };
  const choices = [{ index: 0, message, finish_reason: 'stop' }];
  return { id: 'soak', object: 'chat.completion', created: 0, model: 'm', choices, usage };
}
