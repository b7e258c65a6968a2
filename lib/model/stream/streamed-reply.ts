import type { OpenAI } from 'openai';
import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import type { ResponseCreateParamsStreaming } from 'openai/resources/responses/responses';
import { Stream } from 'openai/streaming';
import { clientOf } from '../client.ts';
import type { Connection } from '../connection.ts';
import { field, textField } from '../field.ts';
import type { Protocol } from '../protocol.ts';
import type { RequestBody } from '../reply.ts';
import type { Assembly } from './assembly.ts';
import { BrokenStream } from './broken-stream.ts';
import { chatAssembly } from './chat-assembly.ts';
import { responsesAssembly } from './responses-assembly.ts';

const assemblies = { chat: chatAssembly, responses: responsesAssembly };

export interface Answered {
  /** The reply's JSON. */
  readonly data: unknown;
  readonly response: Response;
}

/**
 * Asks for a reply as a stream, and gives it like one that came whole.
 * @param onText is told the answer's text as it comes
 * @throws BrokenStream; what the openai package throws before the stream begins
 */
export async function streamReply(
  protocol: Protocol,
  body: RequestBody['body'],
  connection: Connection,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<Answered> {
  const client = clientOf(connection);
  const tellsUsage = protocol === 'chat' && connection.provider.streamOptions;
  const asked: unknown = {
    ...body,
    stream: true,
    ...(tellsUsage ? { stream_options: { include_usage: true } } : {}),
  };
  const sent =
    protocol === 'chat'
      ? client.chat.completions.create(asked as ChatCompletionCreateParamsStreaming, { signal })
      : client.responses.create(asked as ResponseCreateParamsStreaming, { signal });
  const response = await sent.asResponse();
  return { data: await read(protocol, response, client, onText), response };
}

/**
 * Reads a stream to its end. An error that comes in it is given as the reply that holds it. A server
 * that does not stream, and answers with JSON, is read too: then nothing is told.
 */
async function read(
  protocol: Protocol,
  response: Response,
  client: OpenAI,
  onText: (text: string) => void,
): Promise<unknown> {
  if (response.headers.get('content-type')?.includes('application/json')) return response.json();
  const assembly = assemblies[protocol]();
  try {
    const events = Stream.fromSSEResponse(response, new AbortController(), client, false, 'events');
    for await (const event of events) {
      const error = errorIn(event);
      if (error !== null) return { error };
      const text = assembly.take(event);
      if (text !== '') onText(text);
    }
  } catch (thrown) {
    // The answer is over, and what was lost is at most its usage: it is not paid for twice.
    if (!assembly.isWhole) throw new BrokenStream(assembly.reply, thrown);
  }
  return whole(assembly);
}

function whole(assembly: Assembly): unknown {
  if (assembly.isWhole) return assembly.reply;
  throw new BrokenStream(assembly.reply);
}

/** Chat Completions put it into a field, Responses make an event of it. */
function errorIn(event: unknown): unknown {
  const isEvent = textField(event, 'type') === 'error';
  return field(event, 'error') ?? (isEvent ? event : null);
}
