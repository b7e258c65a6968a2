import type { Json } from '../json.ts';
import type { ToolCall } from './request.ts';

/** Tokens. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
  /** Of the input tokens, those read from the provider's prompt cache. */
  readonly cachedInputTokens: number;
  /** Of the output tokens, those spent on reasoning. */
  readonly reasoningTokens: number;
}

/** US dollars. */
export interface Price {
  readonly usd: number;
}

/** What a model function answers, the same in every lane. */
export interface ModelResult {
  /** Tells a model's result from any other function's. */
  readonly object: 'model.result';
  /**
   * The text, or the parsed and checked object when the request had an output schema. null: the model
   * asked for tools and said nothing besides.
   */
  readonly output: Json;
  /** Empty unless the request had tools and the model asked for some. */
  readonly toolCalls: readonly ToolCall[];
  /** Of all attempts. */
  readonly usage: Usage;
  /** Of all attempts; null: the price of this model is not in the price list. */
  readonly price: Price | null;
  /** The model that answered, as the provider names it. */
  readonly model: string;
  readonly provider: string;
  readonly finishReason: string;
  readonly requestId: string | null;
  /** Calls to the provider that this result took, repair attempts included. */
  readonly attempts: number;
  /** Milliseconds from the first request to the result. */
  readonly latency: number;
  /** The answer was taken from an earlier call: usage, price, attempts and latency are those of now, 0. */
  readonly reused?: true;
  /** With `reused`: what the answer took when it was made. */
  readonly original?: { readonly usage: Usage; readonly price: Price | null };
}
