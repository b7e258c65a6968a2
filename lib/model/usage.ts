import { field } from './field.ts';
import type { Usage } from './result.ts';

export const noUsage: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  totalTokens: 0,
  cachedInputTokens: 0,
  reasoningTokens: 0,
};

/**
 * The tokens of a Chat Completion; null where the reply does not say.
 *
 * Google and xAI leave reasoning out of `completion_tokens` but count it in `total_tokens`, and bill it
 * as output: so the output is whatever of the total is not input. DeepSeek names the cached part
 * `prompt_cache_hit_tokens`.
 */
export function usageOf(reply: unknown): Usage | null {
  const usage = field(reply, 'usage');
  const inputTokens = count(usage, 'prompt_tokens');
  const completion = count(usage, 'completion_tokens');
  if (inputTokens === null || completion === null) return null;
  const total = count(usage, 'total_tokens') ?? 0;
  const outputTokens = Math.max(completion, total - inputTokens);
  const cached =
    count(usage, 'prompt_tokens_details', 'cached_tokens') ??
    count(usage, 'prompt_cache_hit_tokens');
  const reasoning = count(usage, 'completion_tokens_details', 'reasoning_tokens');
  return {
    inputTokens,
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    cachedInputTokens: Math.min(cached ?? 0, inputTokens),
    reasoningTokens: Math.min(reasoning ?? outputTokens - completion, outputTokens),
  };
}

/** The tokens of a Response; null where the reply does not say. */
export function responsesUsageOf(reply: unknown): Usage | null {
  const usage = field(reply, 'usage');
  const inputTokens = count(usage, 'input_tokens');
  const outputTokens = count(usage, 'output_tokens');
  if (inputTokens === null || outputTokens === null) return null;
  const cached = count(usage, 'input_tokens_details', 'cached_tokens') ?? 0;
  const reasoning = count(usage, 'output_tokens_details', 'reasoning_tokens') ?? 0;
  return {
    inputTokens,
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    cachedInputTokens: Math.min(cached, inputTokens),
    reasoningTokens: Math.min(reasoning, outputTokens),
  };
}

function count(value: unknown, ...path: readonly string[]): number | null {
  const found = field(value, ...path);
  return typeof found === 'number' && Number.isSafeInteger(found) && found >= 0 ? found : null;
}
