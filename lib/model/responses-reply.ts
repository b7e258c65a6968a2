import { field, textField } from './field.ts';
import { priceOf } from './prices.ts';
import type { Ending, RawToolCall, Reply } from './reply.ts';
import { responsesUsageOf } from './usage.ts';

/** Reads a Response that came with status 200; null where it is none. */
export function readResponse(reply: unknown, provider: string, asked: string): Reply | null {
  const output = field(reply, 'output');
  if (textField(reply, 'object') !== 'response' || !Array.isArray(output)) return null;
  const usage = responsesUsageOf(reply);
  const model = textField(reply, 'model') || null;
  const tier = textField(reply, 'service_tier');
  const parts = output.flatMap((item) => {
    const content = textField(item, 'type') === 'message' ? field(item, 'content') : undefined;
    return Array.isArray(content) ? (content as readonly unknown[]) : [];
  });
  const price =
    usage &&
    (priceOf(provider, model ?? asked, usage, tier) ?? priceOf(provider, asked, usage, tier));
  return {
    ending: endingOf(reply, parts),
    finishReason:
      textField(reply, 'incomplete_details', 'reason') ?? textField(reply, 'status') ?? 'unknown',
    text: parts
      .map((part) =>
        textField(part, 'type') === 'output_text' ? (textField(part, 'text') ?? '') : '',
      )
      .join(''),
    toolCalls: output.flatMap(toolCall),
    model,
    spend: usage === null ? null : { usage, price },
  };
}

function endingOf(reply: unknown, parts: readonly unknown[]): Ending {
  const status = textField(reply, 'status');
  if (status === 'incomplete') {
    const reason = textField(reply, 'incomplete_details', 'reason');
    return reason === 'content_filter' ? 'filtered' : 'truncated';
  }
  if (status !== 'completed') return 'failed';
  return parts.some((part) => textField(part, 'type') === 'refusal') ? 'refused' : 'answered';
}

function toolCall(item: unknown): readonly RawToolCall[] {
  if (textField(item, 'type') !== 'function_call') return [];
  return [
    {
      id: textField(item, 'call_id') ?? '',
      name: textField(item, 'name') ?? '',
      arguments: textField(item, 'arguments') || '{}',
    },
  ];
}
