import type { Json, JsonSchema } from '../../json.ts';
import { schemaIn } from '../../model/schema-instructions.ts';
import { instanceOf } from './instance.ts';

interface ChatMessage {
  readonly role: string;
  readonly content: unknown;
}

/** aimock's words for a text reply. */
export interface ScriptedReply {
  readonly content: string;
  readonly usage: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly total_tokens: number;
  };
}

/**
 * The scripted answer to a Chat Completions request: an instance of the schema that `response_format` or
 * the instructions ask for, else a short text that names the model and says that none is running.
 */
export function scriptedReply(
  model: string,
  messages: readonly ChatMessage[],
  responseFormat: unknown,
): ScriptedReply {
  const schema = schemaOf(messages, responseFormat);
  const content =
    schema === null ? scriptedText(model, messages) : JSON.stringify(instanceOf(schema, model));
  const asked = messages.map(textOf).join('\n');
  const prompt_tokens = tokens(asked);
  const completion_tokens = tokens(content);
  return {
    content,
    usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
  };
}

function schemaOf(messages: readonly ChatMessage[], responseFormat: unknown): JsonSchema | null {
  const format = responseFormat as
    | { readonly type?: string; readonly json_schema?: { readonly schema?: JsonSchema } }
    | undefined;
  if (format?.type === 'json_schema') return format.json_schema?.schema ?? null;
  for (const message of messages) {
    const schema = isUser(message) ? null : schemaIn(textOf(message));
    if (schema !== null) return schema;
  }
  return null;
}

function scriptedText(model: string, messages: readonly ChatMessage[]): string {
  const question = textOf(messages.findLast(isUser)).replace(/\s+/g, ' ').trim();
  const shown = question.length > 80 ? `${question.slice(0, 79).trimEnd()}…` : question;
  return `Scripted answer of ${model}: no model is running, so this text is made up. You asked: "${shown}" A real ${model} would answer here; set its provider's key to hear it.`;
}

function textOf(message: ChatMessage | undefined): string {
  const content = message?.content;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: { text?: Json }) => part.text ?? '').join('');
}

function isUser(message: ChatMessage): boolean {
  return message.role === 'user';
}

/** The common estimate: four characters a token. */
function tokens(text: string): number {
  return Math.ceil(text.length / 4);
}
