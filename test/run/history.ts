import type { HistoryEvent, HistoryEventDetails } from '../../lib/engine/history/event.ts';

/** 2026-01-01T00:00:00.000Z; each event of `history` comes one second after the one before. */
export const start = Date.UTC(2026, 0, 1);

/** A history from `[type, previousEventId, details?]`, numbered from 1. */
export function history(
  ...lines: readonly (readonly [string, number, HistoryEventDetails?])[]
): HistoryEvent[] {
  return lines.map(([type, previousEventId, details], i) => ({
    id: i + 1,
    previousEventId,
    timestamp: start + i * 1000,
    type,
    ...(details && { details }),
  }));
}

/** What a model function answers, as JSON text. */
export function modelResult(model: string, tokens: number, usd: number | null): string {
  return JSON.stringify({
    object: 'model.result',
    output: 'text',
    usage: {
      inputTokens: tokens,
      outputTokens: tokens,
      totalTokens: 2 * tokens,
      cachedInputTokens: 0,
      reasoningTokens: 0,
    },
    price: usd === null ? null : { usd },
    model,
    provider: 'openai',
    finishReason: 'stop',
    requestId: null,
    attempts: 1,
    latency: 5,
  });
}
