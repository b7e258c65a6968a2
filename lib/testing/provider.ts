import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { JsonObject } from '../json.ts';
import { scriptedReply } from '../local/stand-in/reply.ts';
import { type Asked, askedIn, streamedError, streamedReply, wholeReply } from './provider-wire.ts';
import { type Range, seededRandom, within } from './seeded-random.ts';
import { type BucketLimits, TokenBucket } from './token-bucket.ts';

/**
 * What can go wrong on the wire. In a stream 'half a body', 'invalid JSON', 'hang' and 'error in a stream'
 * happen in the midst of it; an answer that comes whole has a 500 for the last.
 */
export type WireFault =
  | '429'
  | '500'
  | '503'
  | 'reset'
  | 'hang'
  | 'error in a stream'
  | 'half a body'
  | 'invalid JSON'
  | 'wrong schema'
  | 'empty answer';

export interface ProviderOptions {
  /** Default: 1. */
  readonly seed?: number;
  /** Milliseconds until an answer, or a stream, begins. Default: 0. */
  readonly latency?: number;
  /** Characters of a streamed piece. Default: 8. */
  readonly chunkSize?: number;
  /**
   * Milliseconds before each streamed piece; those of a range are drawn by the seed, the same for the same
   * answer. Default: 0.
   */
  readonly chunkPause?: Range;
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
 * Starts a provider on 127.0.0.1, on a free port, that speaks Chat Completions and the Responses API, whole
 * or streamed as it is asked: scripted answers, true rate limits with 429 and Retry-After, and faults
 * drawn by a seed, on a real wire.
 */
export async function startProvider(options: ProviderOptions = {}): Promise<TestProvider> {
  const counts: Counts = { requests: 0, refused: 0, tokens: 0, faults: {} };
  const draw = seededRandom(options.seed ?? 1);
  const bucket = options.limits && new TokenBucket(options.limits);
  const server = createServer((request, response) => {
    const desk = { options, counts, draw, bucket };
    void bodyOf(request).then((body) => serve(askedIn(request.url ?? '', body), response, desk));
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

async function serve(asked: Asked, response: ServerResponse, desk: Desk): Promise<void> {
  const { options, counts, bucket } = desk;
  counts.requests += 1;
  const reply = scriptedReply(asked.model, asked.messages, asked.format);
  const wait = bucket?.take(reply.usage.total_tokens) ?? null;
  if (wait !== null) return refuse(response, counts, wait);
  const fault = drawFault(desk);
  if (options.latency) await pause(options.latency);
  if (fault === '429') return refuse(response, counts, options.retryAfter ?? 1);
  const isLate = fault === 'error in a stream' && !asked.isStream;
  if (fault === '500' || fault === '503' || isLate) {
    return send(response, isLate ? 500 : Number(fault), { error: { message: 'It failed.' } });
  }
  if (fault === 'reset') return void response.socket?.resetAndDestroy();
  const content =
    fault === 'wrong schema' ? '{"wrong":true}' : fault === 'empty answer' ? '' : reply.content;
  const headers = options.tellsLimits ? limitHeaders(options.limits, bucket) : {};
  const answer = { asked, content, usage: reply.usage, fault, headers };
  const isWhole = asked.isStream
    ? await stream(answer, response, options)
    : sendWhole(answer, response);
  if (isWhole) counts.tokens += reply.usage.total_tokens;
}

interface Prepared {
  readonly asked: Asked;
  readonly content: string;
  readonly usage: ReturnType<typeof scriptedReply>['usage'];
  readonly fault: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** False where the fault keeps the answer from being sent whole. */
function sendWhole(
  { asked, content, usage, fault, headers }: Prepared,
  response: ServerResponse,
): boolean {
  const whole = JSON.stringify(wholeReply(asked, content, usage));
  if (fault === 'hang') return false;
  if (fault === 'half a body') {
    const length = whole.length * 2;
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': length });
    response.write(whole.slice(0, whole.length / 2));
    setImmediate(() => response.destroy());
    return false;
  }
  if (fault === 'invalid JSON') {
    response.end(`${whole}}`);
    return false;
  }
  send(response, 200, whole, headers);
  return true;
}

/** As `sendWhole`, an event after the other; a fault comes when half of them are sent. */
async function stream(
  { asked, content, usage, fault, headers }: Prepared,
  response: ServerResponse,
  { seed = 1, chunkSize = 8, chunkPause = 0 }: ProviderOptions,
): Promise<boolean> {
  const events = streamedReply(asked, content, usage, chunkSize);
  const draw = seededRandom(seed + content.length);
  response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
  response.flushHeaders();
  for (const [index, event] of events.entries()) {
    const wait = within(chunkPause, draw);
    if (wait > 0) await pause(wait);
    if (response.destroyed) return false;
    if (index >= events.length / 2 && (await breaks(asked, fault, response))) return false;
    await tell(response, event);
  }
  response.end(asked.protocol === 'chat' ? 'data: [DONE]\n\n' : undefined);
  return true;
}

/** True where the fault is one of a stream's midst; it has happened then. */
async function breaks(
  asked: Asked,
  fault: string | undefined,
  response: ServerResponse,
): Promise<boolean> {
  switch (fault) {
    case 'half a body':
      response.destroy();
      return true;
    case 'invalid JSON':
      response.end('data: {"choices": [\n\n');
      return true;
    case 'error in a stream':
      await tell(response, streamedError(asked));
      response.end();
      return true;
    case 'hang':
      return true;
    default:
      return false;
  }
}

/** Resolves when the event has left the process: a connection that is cut now has still told it. */
function tell(response: ServerResponse, event: object): Promise<void> {
  const name = 'type' in event ? `event: ${event.type}\n` : '';
  return new Promise((resolve) => {
    response.write(`${name}data: ${JSON.stringify(event)}\n\n`, () => resolve());
  });
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

function send(
  response: ServerResponse,
  status: number,
  body: object | string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<JsonObject> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return JSON.parse(text) as JsonObject;
}
