import type { JsonObject } from '../json.ts';
import { field, textField } from './field.ts';
import { priceOf } from './prices.ts';
import type { Ending, RawToolCall, Reply } from './reply.ts';
import type { Price, Usage } from './result.ts';
import { usageOf } from './usage.ts';

/** `finish_reason` values, of all providers, that are no whole answer. */
const endings: Readonly<Record<string, Ending>> = {
  length: 'truncated',
  max_tokens: 'truncated',
  model_length: 'truncated',
  content_filter: 'filtered',
  insufficient_system_resource: 'overloaded',
  error: 'failed',
};

/**
 * Reads a Chat Completion that came with status 200; null where it is none. Providers report much of
 * what goes wrong inside such a reply, so it is read with suspicion.
 *
 * @param asked the model that was asked for, in case the reply does not name one
 */
export function readChatReply(reply: unknown, provider: string, asked: string): Reply | null {
  const choice = field(reply, 'choices', 0);
  if (choice === undefined) return null;
  const usage = usageOf(reply);
  const model = textField(reply, 'model') || null;
  const finishReason = textField(choice, 'finish_reason') ?? 'unknown';
  const refused = Boolean(textField(choice, 'message', 'refusal'));
  return {
    ending: endings[finishReason] ?? (refused ? 'refused' : 'answered'),
    finishReason,
    text: answerText(field(choice, 'message', 'content')),
    toolCalls: toolCallsIn(field(choice, 'message', 'tool_calls')),
    model,
    spend: usage === null ? null : { usage, price: price(reply, usage, provider, [model, asked]) },
  };
}

/** Mistral's reasoning models give a list of parts; only the text parts are the answer. */
function answerText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part) => (textField(part, 'type') === 'text' ? (textField(part, 'text') ?? '') : ''))
    .join('');
}

function toolCallsIn(calls: unknown): readonly RawToolCall[] {
  if (!Array.isArray(calls)) return [];
  return calls.map((call, index) => {
    const extra = field(call, 'extra_content');
    return {
      // Gemini leaves the id out, or empty.
      id: textField(call, 'id') || `call_${index}`,
      name: textField(call, 'function', 'name') ?? '',
      arguments: textField(call, 'function', 'arguments') || '{}',
      ...(extra !== null && typeof extra === 'object' ? { extra: extra as JsonObject } : {}),
    };
  });
}

/** OpenRouter tells what it charged; everyone else is looked up. */
function price(
  reply: unknown,
  usage: Usage,
  provider: string,
  models: readonly (string | null)[],
): Price | null {
  const cost = provider === 'openrouter' ? field(reply, 'usage', 'cost') : undefined;
  if (typeof cost === 'number' && cost >= 0) return { usd: cost };
  const tier = textField(reply, 'service_tier');
  for (const model of models) {
    const known = model === null ? null : priceOf(provider, model, usage, tier);
    if (known !== null) return known;
  }
  return null;
}
