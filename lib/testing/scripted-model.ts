import type { Json } from '../json.ts';
import { scriptedReply } from '../local/stand-in/reply.ts';
import { chatBody } from '../model/chat-body.ts';
import { ModelError, type ModelErrorName } from '../model/errors.ts';
import { estimate } from '../model/limiter/estimate.ts';
import { priceOf, spendBy } from '../model/prices.ts';
import { providerNamed } from '../model/providers.ts';
import type { ModelRequest, ToolCall } from '../model/request.ts';
import type { ModelResult } from '../model/result.ts';
import { type Range, seededRandom, within } from './seeded-random.ts';
import { type BucketLimits, TokenBucket } from './token-bucket.ts';

/** Where and when a call happens. */
export interface CallSite {
  readonly provider: string;
  /** Milliseconds since the epoch, on the test's clock. */
  now(): number;
  /** On the test's clock: no time at all on a virtual one. */
  sleep(milliseconds: number): Promise<void>;
}

/** Answers model calls in a test, in place of all providers. */
export interface TestModel {
  /** @throws ModelError as a provider's failure */
  answer(request: ModelRequest, at: CallSite): Promise<ModelResult>;
}

export interface Script {
  /** Draws are the same for the same seed, request and count of that request. Default: 1. */
  readonly seed?: number;
  /**
   * The answer: a text, or with an output schema a value of it. Default: a text that names the model, or
   * an instance of the schema.
   */
  readonly answer?: Json | ((request: ModelRequest) => Json);
  /** Tools that the model asks for in place of an answer. */
  readonly toolCalls?: (request: ModelRequest) => readonly ToolCall[];
  /** Milliseconds until the answer. Default: 0. */
  readonly latency?: Range;
  /** Output tokens. Default: a token for four characters of the answer. */
  readonly outputTokens?: Range;
  /** How often a call fails so, from 0 to 1; tried in this order. */
  readonly faults?: Partial<Readonly<Record<ModelErrorName, number>>>;
  /** What 'Model.RateLimited' and 'Model.Overloaded' of `faults` say, in seconds. Default: nothing. */
  readonly retryAfter?: number;
  /** True token buckets; beyond them a call fails as Model.RateLimited with the exact Retry-After. */
  readonly limits?: BucketLimits;
}

/** A model that follows a script: latencies, faults and token counts drawn by a seed. */
export function scriptedModel(script: Script = {}): TestModel {
  const counts = new Map<string, number>();
  let bucket: TokenBucket | undefined;
  return {
    async answer(request, at) {
      const draw = drawFor(request, counts, script.seed ?? 1);
      const result = resultOf(request, at.provider, script, draw);
      bucket ??= script.limits && new TokenBucket(script.limits, () => at.now());
      const wait = bucket?.take(result.usage.totalTokens) ?? null;
      if (wait !== null) throw failure('Model.RateLimited', request, at, wait);
      const latency = within(script.latency ?? 0, draw);
      if (latency > 0) await at.sleep(latency);
      for (const [name, chance] of Object.entries(script.faults ?? {})) {
        if (draw() < chance) {
          const waits = name === 'Model.RateLimited' || name === 'Model.Overloaded';
          const seconds = waits ? (script.retryAfter ?? null) : null;
          throw failure(name as ModelErrorName, request, at, seconds);
        }
      }
      return { ...result, latency };
    },
  };
}

/** What a request is known by, whoever makes it and however often it waited. */
export function requestKey(whole: ModelRequest): string {
  const { turn: _, limits: __, caller: ___, budget: ____, ...request } = whole;
  return JSON.stringify(request);
}

function drawFor(request: ModelRequest, counts: Map<string, number>, seed: number): () => number {
  const key = requestKey(request);
  const count = (counts.get(key) ?? 0) + 1;
  counts.set(key, count);
  let hash = 0x811c9dc5 ^ seed;
  for (const char of `${count}:${key}`) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return seededRandom(hash);
}

function resultOf(
  request: ModelRequest,
  provider: string,
  script: Script,
  draw: () => number,
): ModelResult {
  const { answer } = script;
  const toolCalls = script.toolCalls?.(request) ?? [];
  const output = typeof answer === 'function' ? answer(request) : (answer ?? usual(request));
  const length = typeof output === 'string' ? output.length : JSON.stringify(output).length;
  const outputTokens = within(script.outputTokens ?? Math.ceil(length / 4), draw);
  const inputTokens = estimate(request).input;
  const usage = {
    inputTokens,
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    cachedInputTokens: 0,
    reasoningTokens: 0,
  };
  return {
    object: 'model.result',
    output: toolCalls.length > 0 ? null : output,
    toolCalls,
    ...spendBy(request, { usage, price: priceOf(provider, request.model, usage) }, provider),
    model: request.model,
    provider,
    finishReason: toolCalls.length > 0 ? 'tool_calls' : 'stop',
    requestId: null,
    attempts: 1,
    latency: 0,
  };
}

/** The stand-in's answer: it knows how to make an instance of a schema. */
function usual(request: ModelRequest): Json {
  const { body, wrapped } = chatBody(request, providerNamed('openai'));
  const messages = body.messages as unknown as Parameters<typeof scriptedReply>[1];
  const { content } = scriptedReply(request.model, messages, body.response_format);
  if (request.output === undefined) return content;
  const value = JSON.parse(content) as Json;
  return wrapped ? (value as { readonly value: Json }).value : value;
}

function failure(
  name: ModelErrorName,
  { model }: ModelRequest,
  { provider }: CallSite,
  retryAfter: number | null,
): ModelError {
  const wait = retryAfter === null ? '' : ` Retry after ${retryAfter} seconds.`;
  const words = `${provider}:${model} failed, because the test's script says so.${wait}`;
  return new ModelError(name, words, { provider, model, retryAfter });
}
