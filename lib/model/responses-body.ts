import type { Json, JsonObject } from '../json.ts';
import { responsesPart, withAttachments } from './content.ts';
import { withExtra } from './extra.ts';
import type { Provider } from './providers.ts';
import type { RequestBody } from './reply.ts';
import type { Message, ModelRequest, Tool } from './request.ts';
import { wireSchema } from './wire-schema.ts';

/**
 * The body of a call of OpenAI's Responses API. Nothing is stored at the provider (`store: false`), as
 * with Chat Completions, unless `extra` asks for it.
 * @throws ModelError 'Model.Rejected' for an extra field that is set already or cannot be served.
 */
export function responsesBody(request: ModelRequest, provider: Provider): RequestBody {
  const { instructions, temperature, topP, maxOutputTokens, reasoningEffort } = request;
  const wire = request.output === undefined ? null : wireSchema(request.output.schema);
  const prompt = withAttachments(request.prompt ?? '', request.attachments);
  const asked: readonly Message[] = request.messages ?? [{ role: 'user', content: prompt }];
  const body: Record<string, Json> = {
    model: request.model,
    input: asked.flatMap(itemsOf),
    ...(Object.hasOwn(request.extra ?? {}, 'store') ? {} : { store: false }),
    ...(instructions === undefined ? {} : { instructions }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(maxOutputTokens === undefined ? {} : { max_output_tokens: maxOutputTokens }),
    ...(reasoningEffort === undefined ? {} : { reasoning: { effort: reasoningEffort } }),
    ...(request.serviceTier === undefined ? {} : { service_tier: request.serviceTier }),
    ...(request.tools === undefined ? {} : { tools: request.tools.map(toolOf) }),
    ...toolChoice(request),
  };
  if (wire !== null) {
    const { schema, strict } = wire;
    const name = request.output?.name ?? 'output';
    body.text = { format: { type: 'json_schema', name, schema, strict } };
  }
  return { body: withExtra(body, request, provider), wrapped: wire?.wrapped ?? false };
}

function itemsOf(message: Message): readonly JsonObject[] {
  switch (message.role) {
    case 'user': {
      const { content } = message;
      const parts = typeof content === 'string' ? content : content.map(responsesPart);
      return [{ role: 'user', content: parts }];
    }
    case 'assistant': {
      const said = message.content === '' ? [] : [{ role: 'assistant', content: message.content }];
      const calls = (message.toolCalls ?? []).map(({ id, name, arguments: given }) => ({
        type: 'function_call',
        call_id: id,
        name,
        arguments: JSON.stringify(given),
      }));
      return [...said, ...calls];
    }
    case 'tool':
      return [
        { type: 'function_call_output', call_id: message.toolCallId, output: message.content },
      ];
    default:
      return [{ role: message.role, content: message.content }];
  }
}

/** `strict` is said, because this API's default would refuse a schema with an optional property. */
function toolOf({ name, description, parameters }: Tool): JsonObject {
  const { $schema: _, ...schema } = parameters;
  const tool = { type: 'function', name, parameters: schema, strict: false };
  return description === undefined ? tool : { ...tool, description };
}

function toolChoice({ toolChoice: choice }: ModelRequest): JsonObject {
  if (choice === undefined) return {};
  if (typeof choice === 'string') return { tool_choice: choice };
  return { tool_choice: { type: 'function', name: choice.name } };
}
