import type { Json } from '../json.ts';
import { ModelError, type ModelErrorName } from './errors.ts';
import { field, textField } from './field.ts';
import { readOutput } from './output-check.ts';
import { priceOf } from './prices.ts';
import type { ModelRequest } from './request.ts';
import type { ModelResult, Price, Usage } from './result.ts';
import { noUsage, usageOf } from './usage.ts';

export interface ReplyOf {
  readonly provider: string;
  readonly request: ModelRequest;
  readonly wrapped: boolean;
  readonly requestId: string | null;
  readonly latency: number;
}

/**
 * The result of a Chat Completion that came with status 200. Providers report much of what goes wrong
 * inside such a reply, so it is read with suspicion.
 * @throws ModelError Truncated, Refused, OutputInvalid, Overloaded, Unavailable
 */
export function modelResult(reply: unknown, of: ReplyOf): ModelResult {
  const { provider, request } = of;
  const usage = usageOf(reply);
  const model = textField(reply, 'model') || request.model;
  return {
    object: 'model.result',
    output: output(reply, usage, of),
    usage: usage ?? noUsage,
    price: usage === null ? null : price(reply, usage, [model, request.model], provider),
    model,
    provider,
    finishReason: textField(reply, 'choices', 0, 'finish_reason') ?? 'unknown',
    requestId: of.requestId,
    attempts: 1,
    latency: of.latency,
  };
}

function output(reply: unknown, usage: Usage | null, of: ReplyOf): Json {
  const choice = field(reply, 'choices', 0);
  const { request } = of;
  const fail = (name: ModelErrorName, sentence: string) =>
    new ModelError(name, `${of.provider}:${request.model} ${sentence}`, {
      provider: of.provider,
      model: request.model,
      status: 200,
    });
  const spent = usage === null ? '' : ` after ${usage.outputTokens} output tokens`;

  if (choice === undefined) {
    throw fail(
      'Model.Unavailable',
      'answered with status 200, but not with a Chat Completion. Check that the base URL points to an OpenAI-compatible API.',
    );
  }
  switch (textField(choice, 'finish_reason')) {
    case 'length':
    case 'max_tokens':
    case 'model_length':
      throw fail(
        'Model.Truncated',
        `was cut off${spent}. Raise maxOutputTokens, lower reasoningEffort, or ask for less.`,
      );
    case 'content_filter':
      throw fail(
        'Model.Refused',
        'did not answer: a content filter stopped it. Change the prompt.',
      );
    case 'insufficient_system_resource':
      throw fail('Model.Overloaded', 'broke off: the provider has no capacity now. Retry later.');
    case 'error':
      throw fail('Model.Unavailable', 'broke off with an error of the model behind it. Retry.');
  }
  if (textField(choice, 'message', 'refusal')) {
    throw fail('Model.Refused', 'refused to answer. Change the prompt or the instructions.');
  }
  const text = answerText(field(choice, 'message', 'content'));
  if (text.trim() === '') {
    throw fail(
      'Model.OutputInvalid',
      `gave an empty answer${spent}. Ask again, or check what the instructions and extra ask for.`,
    );
  }
  if (request.output === undefined) return text;
  const read = readOutput(text, request.output.schema, of.wrapped);
  if ('value' in read) return read.value;
  throw fail(
    'Model.OutputInvalid',
    `was asked for ${request.output.name}, but the answer ${read.problem}. Say in the instructions what is wanted, or loosen the schema.`,
  );
}

/** Mistral's reasoning models give a list of parts; only the text parts are the answer. */
function answerText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part) => (textField(part, 'type') === 'text' ? (textField(part, 'text') ?? '') : ''))
    .join('');
}

/** OpenRouter tells what it charged; everyone else is looked up. */
function price(
  reply: unknown,
  usage: Usage,
  models: readonly string[],
  provider: string,
): Price | null {
  const cost = provider === 'openrouter' ? field(reply, 'usage', 'cost') : undefined;
  if (typeof cost === 'number' && cost >= 0) return { usd: cost };
  for (const model of models) {
    const known = priceOf(provider, model, usage);
    if (known !== null) return known;
  }
  return null;
}
