import { type TaskCall, TaskFailure } from '../engine/task/task-port.ts';
import type { Json, JsonObject, JsonSchema } from '../json.ts';
import { ModelError, type ModelErrorName } from '../model/errors.ts';
import { providerNamed } from '../model/providers.ts';
import type { Message, ModelRequest } from '../model/request.ts';
import type { ModelResult } from '../model/result.ts';
import { calledModel } from '../run/called-model.ts';

/** Whether a task is a model call that Step Functions makes itself: the lane 'http'. */
export function isHttpCall({ resource }: TaskCall): boolean {
  return resource.kind === 'service' && resource.service === 'http';
}

/** How a provider would tell those failures. */
const errors: Partial<Readonly<Record<ModelErrorName, string>>> = {
  'Model.RateLimited': 'States.Http.StatusCode.429',
  'Model.Overloaded': 'States.Http.StatusCode.503',
  'Model.Timeout': 'States.Http.Socket',
  'Model.Unavailable': 'States.Http.StatusCode.500',
  'Model.Unauthorized': 'States.Http.StatusCode.401',
  'Model.QuotaExhausted': 'States.Http.StatusCode.402',
  'Model.Rejected': 'States.Http.StatusCode.400',
};

/** Those that a provider tells in a reply with status 200: the answer's end, and its text. */
const endings: Partial<Readonly<Record<ModelErrorName, readonly [string, string]>>> = {
  'Model.Refused': ['content_filter', ''],
  'Model.Truncated': ['length', ''],
  'Model.OutputInvalid': ['stop', ''],
};

/**
 * Answers such a call by a test's model, in the form that an HTTP Task has: the provider's reply as its
 * result, or the status as its error.
 */
export async function answerHttpCall(
  call: TaskCall,
  answer: (provider: string, request: ModelRequest) => Promise<ModelResult>,
): Promise<string> {
  const { provider } = calledModel(call.input) ?? { provider: 'openai' };
  const { RequestBody: body } = JSON.parse(call.input) as { readonly RequestBody: JsonObject };
  try {
    const result = await answer(provider, requestOf(body, provider));
    return reply(result, contentOf(result.output, body));
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    const [ending, text] = endings[error.name] ?? [];
    if (ending !== undefined)
      return reply({ model: error.model, finishReason: ending }, text ?? '');
    throw new TaskFailure(errors[error.name] ?? 'States.Http.StatusCode.500', '');
  }
}

/** The request that the document's body was made from, as far as a model looks at it. */
function requestOf(body: JsonObject, provider: string): ModelRequest {
  const { instructionsRole, maxTokensField } = providerNamed(provider);
  const messages = body.messages as unknown as readonly Message[];
  const [first] = messages;
  const isInstructed = first !== undefined && String(first.role) === instructionsRole;
  const asked = isInstructed ? messages.slice(1) : messages;
  const [only] = asked;
  const schema = schemaOf(body);
  const settings: readonly (readonly [string, Json | undefined])[] = [
    ['temperature', body.temperature],
    ['topP', body.top_p],
    ['maxOutputTokens', body[maxTokensField]],
    ['reasoningEffort', body.reasoning_effort],
    ['serviceTier', body.service_tier],
  ];
  return {
    model: String(body.model),
    ...(isInstructed ? { instructions: String(first.content) } : {}),
    ...(asked.length === 1 && only?.role === 'user'
      ? { prompt: String(only.content) }
      : { messages: asked }),
    ...(schema === undefined ? {} : { output: schema }),
    ...Object.fromEntries(settings.filter(([, value]) => value !== undefined)),
  };
}

/** As the user gave it: a provider that wants an object is asked for `{ value }` in place of a list. */
function schemaOf(body: JsonObject): ModelRequest['output'] {
  const asked = askedSchema(body);
  const inner = asked && wrappedIn(asked.schema);
  return asked && inner ? { ...asked, schema: inner } : asked;
}

function askedSchema({ response_format }: JsonObject): ModelRequest['output'] {
  const { json_schema } = (response_format ?? {}) as JsonObject;
  return json_schema as unknown as ModelRequest['output'];
}

function wrappedIn({ properties }: JsonSchema): JsonSchema | undefined {
  const [[name, inner] = [], ...more] = Object.entries((properties ?? {}) as JsonObject);
  return name === 'value' && more.length === 0 ? (inner as JsonSchema) : undefined;
}

/** The answer's text; a value that the provider is asked to wrap into an object is wrapped. */
function contentOf(output: Json, body: JsonObject): string {
  const asked = askedSchema(body);
  if (asked === undefined) return String(output);
  const isWrapped = typeof output === 'object' && output !== null && 'value' in output;
  return JSON.stringify(wrappedIn(asked.schema) && !isWrapped ? { value: output } : output);
}

function reply(
  {
    model,
    finishReason,
    usage,
  }: Pick<ModelResult, 'model' | 'finishReason'> & Partial<ModelResult>,
  content: string,
): string {
  const ResponseBody = {
    object: 'chat.completion',
    model,
    choices: [{ index: 0, finish_reason: finishReason, message: { role: 'assistant', content } }],
    ...(usage && {
      usage: {
        prompt_tokens: usage.inputTokens,
        completion_tokens: usage.outputTokens,
        total_tokens: usage.totalTokens,
        prompt_tokens_details: { cached_tokens: usage.cachedInputTokens },
        completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
      },
    }),
  };
  return JSON.stringify({ StatusCode: 200, StatusText: 'OK', Headers: {}, ResponseBody });
}
