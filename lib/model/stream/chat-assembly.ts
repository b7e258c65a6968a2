import { field, textField } from '../field.ts';
import type { Assembly } from './assembly.ts';

interface CallSoFar {
  readonly index: number;
  id: string;
  name: string;
  arguments: string;
  extra: unknown;
}

/**
 * Puts the chunks of a streamed Chat Completion together. The usage is the last that was told: with
 * `include_usage` a chunk of its own after the answer; Google tells it with every chunk.
 */
export function chatAssembly(): Assembly {
  const said: Record<string, unknown> = {};
  const message = { content: '', refusal: '' };
  const calls: CallSoFar[] = [];
  let finishReason: string | undefined;
  let hasChoice = false;
  return {
    take(chunk) {
      for (const name of ['id', 'model', 'service_tier', 'usage'] as const) {
        const value = field(chunk, name);
        if (value !== undefined && value !== null && value !== '') said[name] = value;
      }
      const choice = firstChoice(chunk);
      if (choice === undefined) return '';
      hasChoice = true;
      finishReason = textField(choice, 'finish_reason') || finishReason;
      const text = textIn(field(choice, 'delta', 'content'));
      message.content += text;
      message.refusal += textField(choice, 'delta', 'refusal') ?? '';
      const given = field(choice, 'delta', 'tool_calls');
      if (Array.isArray(given)) for (const part of given) addCall(calls, part);
      return text;
    },
    get reply() {
      if (!hasChoice) return said.usage === undefined ? null : said;
      const tool_calls = calls.map(wholeCall);
      const choice = {
        index: 0,
        finish_reason: finishReason,
        message: { role: 'assistant', ...message, ...(calls.length > 0 ? { tool_calls } : {}) },
      };
      return { ...said, object: 'chat.completion', choices: [choice] };
    },
    get isWhole() {
      return finishReason !== undefined;
    },
  };
}

function firstChoice(chunk: unknown): unknown {
  const choices = field(chunk, 'choices');
  if (!Array.isArray(choices)) return undefined;
  return choices.find((choice) => (field(choice, 'index') ?? 0) === 0);
}

/** Mistral's reasoning models stream lists of parts; only the text parts are the answer. */
function textIn(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part) => (textField(part, 'type') === 'text' ? (textField(part, 'text') ?? '') : ''))
    .join('');
}

/**
 * A tool call comes in pieces: the first has id and name, the others more of the arguments, under the
 * same index. Gemini gives whole calls, each under index 0: another id, or a name once more, is
 * another call.
 */
function addCall(calls: CallSoFar[], part: unknown): void {
  const index = Number(field(part, 'index') ?? calls.length);
  const id = textField(part, 'id') ?? '';
  const name = textField(part, 'function', 'name') ?? '';
  const known = calls.findLast((call) => call.index === index);
  const isOther = known && (id === '' ? name !== '' : known.id !== '' && known.id !== id);
  const call =
    known && !isOther ? known : { index, id: '', name: '', arguments: '', extra: undefined };
  if (call !== known) calls.push(call);
  call.id ||= id;
  call.name ||= name;
  call.arguments += textField(part, 'function', 'arguments') ?? '';
  call.extra = field(part, 'extra_content') ?? call.extra;
}

function wholeCall({ id, name, arguments: text, extra }: CallSoFar): object {
  return {
    id,
    type: 'function',
    function: { name, arguments: text },
    ...(extra === undefined ? {} : { extra_content: extra }),
  };
}
