import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { scriptedReply } from '../local/stand-in/reply.ts';
import { seededRandom } from './seeded-random.ts';
import { type BucketLimits, TokenBucket } from './token-bucket.ts';

/** What can go wrong on the wire. */
export type WireFault =
  | '429'
  | '500'
  | '503'
  | 'reset'
  | 'half a body'
  | 'invalid JSON'
  | 'wrong schema'
  | 'empty answer';

export interface ProviderOptions {
  /** Default: 1. */
  readonly seed?: number;
  /** Milliseconds until an answer. Default: 0. */
  readonly latency?: number;
  /** How often each fault happens, from 0 to 1. Default: never. */
  readonly faults?: Partial<Readonly<Record<WireFault, number>>>;
  /** Retry-After of the fault '429', in seconds. Default: 1. */
  readonly retryAfter?: number;
  /** True token buckets, in real time. Default: no limits. */
  readonly limits?: BucketLimits;
  /** Tells the limits in x-ratelimit headers. Default: false. */
  readonly tellsLimits?: boolean;
}

/** What the provider counted: the truth that a run's own accounts are held against. */
export interface ProviderMeter {
  readonly requests: number;
  /** Answered with 429. */
  readonly refused: number;
  /** Of answers that were sent whole, usable or not. */
  readonly tokens: number;
  readonly faults: Readonly<Record<string, number>>;
}

export interface TestProvider {
  /** For OPENAI_BASE_URL and its like. */
  readonly baseURL: string;
  readonly meter: ProviderMeter;
  close(): Promise<void>;
}

interface Counts {
  requests: number;
  refused: number;
  tokens: number;
  faults: Record<string, number>;
}

/**
 * Starts a provider on 127.0.0.1, on a free port, that speaks Chat Completions: scripted answers, true
 * rate limits with 429 and Retry-After, and faults drawn by a seed, on a real wire.
 */
export async function startProvider(options: ProviderOptions = {}): Promise<TestProvider> {
  const counts: Counts = { requests: 0, refused: 0, tokens: 0, faults: {} };
  const draw = seededRandom(options.seed ?? 1);
  const bucket = options.limits && new TokenBucket(options.limits);
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => serve(body, response, { options, counts, draw, bucket }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    meter: counts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Desk {
  readonly options: ProviderOptions;
  readonly counts: Counts;
  readonly draw: () => number;
  readonly bucket: TokenBucket | undefined;
}

interface Body {
  readonly model: string;
  readonly messages: Parameters<typeof scriptedReply>[1];
  readonly response_format?: unknown;
}

async function serve(body: Body, response: ServerResponse, desk: Desk): Promise<void> {
  const { options, counts, bucket } = desk;
  counts.requests += 1;
  const reply = scriptedReply(body.model, body.messages, body.response_format);
  const wait = bucket?.take(reply.usage.total_tokens) ?? null;
  if (wait !== null) return refuse(response, counts, wait);
  const fault = drawFault(desk);
  if (options.latency) await new Promise((resolve) => setTimeout(resolve, options.latency));
  if (fault === '429') return refuse(response, counts, options.retryAfter ?? 1);
  if (fault === '500' || fault === '503') {
    return send(response, Number(fault), { error: { message: 'It failed.' } });
  }
  if (fault === 'reset') return void response.socket?.resetAndDestroy();
  const content =
    fault === 'wrong schema' ? '{"wrong":true}' : fault === 'empty answer' ? '' : reply.content;
  const whole = JSON.stringify(completion(body.model, content, reply.usage));
  if (fault === 'half a body') {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': whole.length * 2,
    });
    response.write(whole.slice(0, whole.length / 2));
    return void setImmediate(() => response.destroy());
  }
  if (fault === 'invalid JSON') return void response.end(`${whole}}`);
  counts.tokens += reply.usage.total_tokens;
  send(response, 200, whole, options.tellsLimits ? limitHeaders(options.limits, bucket) : {});
}

function drawFault({ options, counts, draw }: Desk): string | undefined {
  let chance = draw();
  for (const [fault, share] of Object.entries(options.faults ?? {})) {
    chance -= share;
    if (chance >= 0) continue;
    counts.faults[fault] = (counts.faults[fault] ?? 0) + 1;
    return fault;
  }
  return undefined;
}

function refuse(response: ServerResponse, counts: Counts, seconds: number): void {
  counts.refused += 1;
  send(response, 429, { error: { message: 'Too many.' } }, { 'retry-after': String(seconds) });
}

function limitHeaders(
  limits: BucketLimits | undefined,
  bucket: TokenBucket | undefined,
): Readonly<Record<string, string>> {
  if (limits === undefined || bucket === undefined) return {};
  return {
    'x-ratelimit-limit-requests': String(limits.requestsPerMinute),
    'x-ratelimit-limit-tokens': String(limits.tokensPerMinute),
    'x-ratelimit-remaining-requests': String(Math.floor(bucket.left.requests)),
    'x-ratelimit-remaining-tokens': String(Math.floor(bucket.left.tokens)),
  };
}

function completion(model: string, content: string, usage: object): object {
  const message = { role: 'assistant', content, refusal: null };
  const choices = [{ index: 0, message, finish_reason: 'stop' }];
  return { id: 'test', object: 'chat.completion', created: 0, model, choices, usage };
}

function send(
  response: ServerResponse,
  status: number,
  body: object | string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<Body> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return JSON.parse(text) as Body;
}
