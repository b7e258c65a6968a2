import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import type { ResponseCreateParamsNonStreaming } from 'openai/resources/responses/responses';
import { chatBody } from './chat-body.ts';
import { readChatReply } from './chat-reply.ts';
import { clientOf } from './client.ts';
import type { Connection } from './connection.ts';
import { ModelError } from './errors.ts';
import { faultOf } from './fault.ts';
import { spendBy } from './prices.ts';
import { type Protocol, protocolOf } from './protocol.ts';
import type { Reply, RequestBody } from './reply.ts';
import type { ModelRequest } from './request.ts';
import { requestIdIn } from './request-id.ts';
import { responsesBody } from './responses-body.ts';
import { readResponse } from './responses-reply.ts';
import { faultInReply } from './status-fault.ts';
import { BrokenStream, brokenStream } from './stream/broken-stream.ts';
import { type Answered, streamReply } from './stream/streamed-reply.ts';

/** One reply of the provider, and what its headers say. */
export interface Exchange {
  readonly reply: Reply;
  readonly wrapped: boolean;
  readonly requestId: string | null;
  readonly headers: Headers;
}

const bodies = { chat: chatBody, responses: responsesBody };
const readers = { chat: readChatReply, responses: readResponse };

/**
 * One HTTP request and its reply, without retries: the state machine retries, by the name of the error.
 * @param onText asks for a stream, and is told the answer's text as it comes. Default: not streamed
 * @throws ModelError, named by status, code, body or network failure; whatever `signal` was aborted with
 */
export async function exchange(
  request: ModelRequest,
  connection: Connection,
  signal: AbortSignal,
  onText?: (text: string) => void,
): Promise<Exchange> {
  const { provider, baseURL } = connection;
  const protocol = protocolOf(request, provider);
  const { body, wrapped } = bodies[protocol](request, provider);
  const of = { provider, model: request.model, baseURL, sent: Object.keys(body) };
  const read = (data: unknown): Reply | null => {
    const reply = readers[protocol](data, provider.name, request.model);
    return reply?.spend ? { ...reply, spend: spendBy(request, reply.spend, provider.name) } : reply;
  };
  let answered: Answered;
  try {
    signal.throwIfAborted();
    answered = onText
      ? await streamReply(protocol, body, connection, signal, onText)
      : await send(protocol, body, connection, signal);
    signal.throwIfAborted();
  } catch (thrown) {
    signal.throwIfAborted();
    if (!(thrown instanceof BrokenStream)) throw faultOf(thrown, of);
    throw brokenStream(thrown, of, read(thrown.reply)?.spend ?? null);
  }
  const { data, response } = answered;
  const failure = faultInReply(data, of);
  if (failure !== null) throw failure;
  const reply = read(data);
  if (reply === null) throw notAReply(protocol, of.provider.name, request.model);
  const { headers } = response;
  return { reply, wrapped, requestId: requestIdIn(headers, connection.apiKey), headers };
}

function send(
  protocol: Protocol,
  body: RequestBody['body'],
  connection: Connection,
  signal: AbortSignal,
): Promise<Answered> {
  const client = clientOf(connection);
  return protocol === 'chat'
    ? client.chat.completions
        .create(body as unknown as ChatCompletionCreateParamsNonStreaming, { signal })
        .withResponse()
    : client.responses
        .create(body as unknown as ResponseCreateParamsNonStreaming, { signal })
        .withResponse();
}

function notAReply(protocol: Protocol, provider: string, model: string): ModelError {
  const what = protocol === 'chat' ? 'a Chat Completion' : 'a Response';
  return new ModelError(
    'Model.Unavailable',
    `${provider}:${model} answered with status 200, but not with ${what}. Check that the base URL points to an OpenAI-compatible API.`,
    { provider, model, status: 200 },
  );
}
