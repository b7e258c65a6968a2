import type { Json, JsonObject } from '../json.ts';
import { ModelError } from './errors.ts';
import type { Provider } from './providers.ts';
import type { Message, ModelRequest } from './request.ts';
import { withSchema } from './schema-instructions.ts';
import { type WireSchema, wireSchema } from './wire-schema.ts';

export interface ChatBody {
  readonly body: JsonObject;
  /** See `WireSchema.wrapped`. */
  readonly wrapped: boolean;
}

/** Fields that change what comes back, or how much of it is paid for and thrown away. */
const notExtra = ['stream', 'stream_options', 'n', 'tools', 'functions'];

/**
 * The body of a Chat Completions call, with the provider's own ways of the `providers` table.
 * @throws ModelError 'Model.Rejected' for what the provider would ignore in silence, and for an extra
 * field that is set already or that this call cannot serve.
 */
export function chatBody(request: ModelRequest, provider: Provider): ChatBody {
  const reject = (sentence: string) =>
    new ModelError('Model.Rejected', sentence, { provider: provider.name, model: request.model });
  if (request.reasoningEffort !== undefined && !provider.reasoningEffort) {
    throw reject(
      `${provider.title} takes no reasoning effort through its OpenAI-compatible endpoint, so the call of ${request.model} was not made. Remove reasoningEffort, or pass the provider's own field in extra.`,
    );
  }
  const wire = request.output === undefined ? null : wireSchema(request.output.schema);
  const body: Record<string, Json> = {
    model: request.model,
    messages: messagesOf(request, provider, wire) as unknown as Json,
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.maxOutputTokens === undefined
      ? {}
      : { [provider.maxTokensField]: request.maxOutputTokens }),
    ...(request.reasoningEffort === undefined ? {} : { reasoning_effort: request.reasoningEffort }),
    ...responseFormat(request, provider, wire),
  };
  for (const name of Object.keys(request.extra ?? {})) {
    if (Object.hasOwn(body, name) || notExtra.includes(name)) {
      throw reject(
        `The call of ${provider.name}:${request.model} was not made: extra may not hold ${JSON.stringify(name)}, which is set already or which this call cannot serve.`,
      );
    }
  }
  return { body: { ...body, ...request.extra }, wrapped: wire?.wrapped ?? false };
}

function messagesOf(
  request: ModelRequest,
  provider: Provider,
  wire: WireSchema | null,
): readonly { readonly role: string; readonly content: string }[] {
  const asked: readonly Message[] = request.messages ?? [
    { role: 'user', content: request.prompt ?? '' },
  ];
  const inWords = wire !== null && provider.structuredOutput !== 'json_schema';
  const instructions = inWords
    ? withSchema(request.instructions, wire.schema)
    : request.instructions;
  const first =
    instructions === undefined ? [] : [{ role: provider.instructionsRole, content: instructions }];
  return [...first, ...asked];
}

function responseFormat(
  request: ModelRequest,
  provider: Provider,
  wire: WireSchema | null,
): JsonObject {
  if (wire === null || provider.structuredOutput === 'instructions') return {};
  if (provider.structuredOutput === 'json_object') {
    return { response_format: { type: 'json_object' } };
  }
  const { schema, strict } = wire;
  const name = request.output?.name ?? 'output';
  return { response_format: { type: 'json_schema', json_schema: { name, schema, strict } } };
}
