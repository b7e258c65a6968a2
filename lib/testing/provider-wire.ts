import type { JsonObject } from '../json.ts';
import type { ScriptedReply } from '../local/stand-in/reply.ts';

/** What a provider was asked, in either of OpenAI's protocols. */
export interface Asked {
  readonly protocol: 'chat' | 'responses';
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  /** As `response_format` of Chat Completions has it. */
  readonly format: unknown;
  readonly isStream: boolean;
  /** The usage of a stream is to be told in a chunk of its own. */
  readonly includesUsage: boolean;
}

/** A request by its path and body: '/responses' is the Responses API, all else Chat Completions. */
export function askedIn(path: string, body: JsonObject): Asked {
  const isStream = body.stream === true;
  const includesUsage = (body.stream_options as JsonObject | undefined)?.include_usage === true;
  const shared = { model: String(body.model), isStream, includesUsage };
  if (!path.endsWith('/responses')) {
    const messages = body.messages as unknown as Asked['messages'];
    return { ...shared, protocol: 'chat', messages, format: body.response_format };
  }
  const system = { role: 'system', content: body.instructions ?? '' };
  const given = body.input;
  const messages = (typeof given === 'string'
    ? [{ role: 'user', content: given }]
    : given) as unknown as Asked['messages'];
  const { format } = (body.text ?? {}) as { format?: JsonObject };
  const json_schema = { schema: format?.schema };
  return {
    ...{ ...shared, protocol: 'responses', messages: [system, ...messages] },
    format: format === undefined ? undefined : { type: format.type, json_schema },
  };
}

/** A reply that comes whole. */
export function wholeReply({ protocol, model }: Asked, content: string, usage: Usage): object {
  return protocol === 'chat'
    ? completion(model, content, usage)
    : responseOf(model, content, usage);
}

/** A reply as the events of a stream, the text in pieces of so many characters. */
export function streamedReply(
  asked: Asked,
  content: string,
  usage: Usage,
  size: number,
): readonly object[] {
  const pieces = content.match(new RegExp(`.{1,${size}}`, 'gsu')) ?? [];
  return asked.protocol === 'chat'
    ? chatChunks(asked, pieces, usage)
    : responseEvents(asked, pieces, usage);
}

/** An error in the midst of a stream. */
export function streamedError({ protocol }: Asked): object {
  const error = { message: 'It failed.', code: 'server_error' };
  return protocol === 'chat' ? { error } : { type: 'error', ...error, sequence_number: 0 };
}

type Usage = ScriptedReply['usage'];

function completion(model: string, content: string, usage: Usage): object {
  const message = { role: 'assistant', content, refusal: null };
  const choices = [{ index: 0, message, finish_reason: 'stop' }];
  return { id: 'test', object: 'chat.completion', created: 0, model, choices, usage };
}

function chatChunks(
  { model, includesUsage }: Asked,
  pieces: readonly string[],
  usage: Usage,
): readonly object[] {
  const shared = { id: 'test', object: 'chat.completion.chunk', created: 0, model };
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    ...shared,
    choices: [{ index: 0, delta, finish_reason }],
  });
  const last = chunk({}, 'stop');
  return [
    chunk({ role: 'assistant', content: '' }),
    ...pieces.map((content) => chunk({ content })),
    ...(includesUsage ? [last, { ...shared, choices: [], usage }] : [{ ...last, usage }]),
  ];
}

function responseOf(model: string, content: string, usage: Usage): object {
  const text = { type: 'output_text', text: content, annotations: [] };
  const message = { type: 'message', id: 'msg_test', role: 'assistant', status: 'completed' };
  return {
    ...{ id: 'resp_test', object: 'response', created_at: 0, model, status: 'completed' },
    ...{ output: [{ ...message, content: [text] }], error: null, incomplete_details: null },
    usage: {
      input_tokens: usage.prompt_tokens,
      output_tokens: usage.completion_tokens,
      total_tokens: usage.total_tokens,
    },
  };
}

function responseEvents(
  { model }: Asked,
  pieces: readonly string[],
  usage: Usage,
): readonly object[] {
  const response = responseOf(model, pieces.join(''), usage);
  const begun = { ...response, status: 'in_progress', output: [], usage: null };
  const place = { item_id: 'msg_test', output_index: 0, content_index: 0 };
  const delta = 'response.output_text.delta';
  return [
    { type: 'response.created', response: begun },
    ...pieces.map((text) => ({ type: delta, ...place, delta: text })),
    { type: 'response.completed', response },
  ].map((event, sequence_number) => ({ ...event, sequence_number }));
}
