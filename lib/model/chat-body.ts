import type { Json, JsonObject } from '../json.ts';
import { cacheMark, chatPart, withAttachments } from './content.ts';
import { withExtra } from './extra.ts';
import type { Provider } from './providers.ts';
import type { RequestBody } from './reply.ts';
import type { Message, ModelRequest, Tool, ToolCall } from './request.ts';
import { withSchema } from './schema-instructions.ts';
import { type WireSchema, wireSchema } from './wire-schema.ts';

/**
 * The body of a Chat Completions call, with the provider's own ways of the `providers` table.
 * @throws ModelError 'Model.Rejected' for an extra field that is set already or cannot be served.
 */
export function chatBody(request: ModelRequest, provider: Provider): RequestBody {
  const { temperature, topP, maxOutputTokens, reasoningEffort, serviceTier, tools } = request;
  const wire = request.output === undefined ? null : wireSchema(request.output.schema);
  const body: Record<string, Json> = {
    model: request.model,
    messages: messagesOf(request, provider, wire),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(maxOutputTokens === undefined ? {} : { [provider.maxTokensField]: maxOutputTokens }),
    ...(reasoningEffort === undefined ? {} : { reasoning_effort: reasoningEffort }),
    ...(serviceTier === undefined ? {} : { service_tier: serviceTier }),
    ...(tools === undefined ? {} : { tools: tools.map(toolOf) }),
    ...toolChoice(request),
    ...responseFormat(request, provider, wire),
  };
  return { body: withExtra(body, request, provider), wrapped: wire?.wrapped ?? false };
}

function messagesOf(
  request: ModelRequest,
  provider: Provider,
  wire: WireSchema | null,
): readonly JsonObject[] {
  const prompt = withAttachments(request.prompt ?? '', request.attachments);
  const asked: readonly Message[] = request.messages ?? [{ role: 'user', content: prompt }];
  const inWords = wire !== null && provider.structuredOutput !== 'json_schema';
  const instructions = inWords
    ? withSchema(request.instructions, wire.schema)
    : request.instructions;
  const marked = request.cacheInstructions && provider.cacheMarks === 'cache_control';
  const content: Json = marked
    ? [{ type: 'text', text: instructions ?? '', ...cacheMark }]
    : (instructions ?? '');
  const first = instructions === undefined ? [] : [{ role: provider.instructionsRole, content }];
  return [...first, ...asked.map((message) => messageOf(message, provider))];
}

function messageOf(message: Message, provider: Provider): JsonObject {
  switch (message.role) {
    case 'user': {
      const { content } = message;
      const parts =
        typeof content === 'string' ? content : content.map((part) => chatPart(part, provider));
      return { role: 'user', content: parts };
    }
    case 'assistant': {
      const { content, toolCalls = [] } = message;
      if (toolCalls.length === 0) return { role: 'assistant', content };
      return {
        role: 'assistant',
        content: content === '' ? null : content,
        tool_calls: toolCalls.map(callOf),
      };
    }
    case 'tool':
      return { role: 'tool', tool_call_id: message.toolCallId, content: message.content };
    default:
      return { role: message.role, content: message.content };
  }
}

function callOf({ id, name, arguments: given, extra }: ToolCall): JsonObject {
  return {
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(given) },
    ...(extra === undefined ? {} : { extra_content: extra }),
  };
}

function toolOf({ name, description, parameters }: Tool): JsonObject {
  const { $schema: _, ...schema } = parameters;
  return {
    type: 'function',
    function: { name, ...(description === undefined ? {} : { description }), parameters: schema },
  };
}

function toolChoice({ toolChoice: choice }: ModelRequest): JsonObject {
  if (choice === undefined) return {};
  if (typeof choice === 'string') return { tool_choice: choice };
  return { tool_choice: { type: 'function', function: { name: choice.name } } };
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
